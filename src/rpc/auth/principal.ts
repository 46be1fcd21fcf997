/** What a caller may be; each method names those that may call it (see method-roles.ts). */
export const ROLES = ["generator", "controller", "executor", "viewer", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who calls: the name and the role that the operator gave to a token. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
}

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

/** What a caller may be; each method names those that may call it (see method-roles.ts). */
export const ROLES = ["generator", "controller", "executor", "viewer", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who calls: the name and the role that the operator gave to a token or a certificate. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
  /** Of the certificate that the caller showed: "CN=executor-1, O=Desk". */
  readonly subject?: string;
  /** When the token ends, wall time, ms. */
  readonly expiresAt?: number;
}

const PRINCIPAL = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$/;

export function isPrincipalName(text: string): boolean {
  return PRINCIPAL.test(text);
}

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

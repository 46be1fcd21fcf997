export interface LeaseRow {
  readonly holder: string;
  readonly address: string;
  readonly epoch: number;
  /** Ms. */
  readonly expiresAt: number;
  /** Whether nobody holds the lease, by the database's clock. */
  readonly free: boolean;
}

const COLUMNS = `
  holder, address, epoch::double precision AS epoch, sg_ms(expires_at) AS "expiresAt",
  expires_at <= clock_timestamp() AS free`;

export const LOOK = `SELECT ${COLUMNS} FROM sg_lease WHERE name = 'engine'`;

/**
 * Waits for writes of the epoch before, which hold the row; those that come later are fenced.
 *
 * $1 the epoch seen, $2 holder, $3 address, $4 ms that the lease lasts, $5 whether nobody else can
 * be there.
 */
export const TAKE = `
  UPDATE sg_lease SET epoch = epoch + 1, holder = $2, address = $3,
    expires_at = clock_timestamp() + $4::double precision * interval '1 millisecond'
  WHERE name = 'engine' AND epoch = $1::bigint AND ($5::boolean OR holder = $2 OR expires_at <= clock_timestamp())
  RETURNING ${COLUMNS}`;

/** $1 the epoch held, $2 address, $3 ms that the lease lasts. */
export const RENEW = `
  UPDATE sg_lease SET address = $2, expires_at = clock_timestamp() + $3::double precision * interval '1 millisecond'
  WHERE name = 'engine' AND epoch = $1::bigint
  RETURNING ${COLUMNS}`;

/**
 * The epoch goes up, so that not even a renewal that comes late does anything. $1 the epoch held.
 */
export const FREE_LEASE = `
  UPDATE sg_lease SET epoch = epoch + 1, holder = '', address = '', expires_at = clock_timestamp()
  WHERE name = 'engine' AND epoch = $1::bigint`;

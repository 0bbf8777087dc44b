/** A commit, tree or blob name: lower-case hex, 40 digits (SHA-1) or 64 (SHA-256). */
export type Oid = string

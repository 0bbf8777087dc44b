/** Environment variables by name. Only entry points read them from the process. */
export type Environment = Readonly<Record<string, string | undefined>>

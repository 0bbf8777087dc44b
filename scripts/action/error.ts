/** An error that the author of a workflow can correct. */
export class ActionError extends Error {}

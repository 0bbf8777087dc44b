/** Every page of the console, as paths, for a registry with the prompt `id` of the source `demo`. */
export function pagesOf(id: string, tag = 'v1.0.0'): string[] {
  const prompt = `/console/prompts/${id}`
  return [
    '/console',
    '/console?q=nothing',
    prompt,
    `${prompt}?view=split`,
    `${prompt}?all=1`,
    `${prompt}?tab=messages`,
    `${prompt}?tab=file`,
    `${prompt}?tab=versions`,
    `${prompt}?tab=events`,
    ...['promote', 'rollback', 'hold', 'unhold', 'revoke'].map((action) => `/console/act/${action}/${id}`),
    '/console/sources',
    '/console/sources/demo',
    `/console/sources/demo/release?tag=${encodeURIComponent(tag)}`,
    '/console/sources/nosuch',
    '/console/audit',
    '/console/audit/releases',
    '/console/nosuch',
  ]
}

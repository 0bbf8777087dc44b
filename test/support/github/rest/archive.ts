import type { Endpoint } from '../types.ts'

/** The archive itself is on another host (start.ts). The address contains a token for it. */
export const archive: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/tarball/{ref}',
  async answer({ parameters, repository: { owner, name }, github }) {
    const location = `${github.archiveUrl}/${owner}/${name}/legacy.tar.gz/${parameters.ref}?token=ARCHIVE${parameters.ref}`
    return { status: 302, headers: { location } }
  },
}

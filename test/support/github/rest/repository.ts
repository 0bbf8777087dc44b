import { exampleOf } from '../description.ts'
import type { Endpoint } from '../types.ts'

export const repository: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}',
  async answer({ repository: { owner, name, git }, github }) {
    const head = await git('symbolic-ref', '--short', 'HEAD')
    const example = exampleOf(repository.operation)
    return {
      status: 200,
      body: {
        ...example,
        name,
        full_name: `${owner}/${name}`,
        url: `${github.apiUrl}/repos/${owner}/${name}`,
        default_branch: head,
        // Fields that the description requires but its example lacks. Also, the example is a fork and this is not.
        ...{
          language: null,
          fork: false,
          source: undefined,
          parent: undefined,
          template_repository: undefined,
        },
      },
    }
  },
}

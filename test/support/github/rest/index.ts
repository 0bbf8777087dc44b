import type { Endpoint } from '../types.ts'
import { installationToken, repositoryInstallation } from './app.ts'
import { archive } from './archive.ts'
import { checkRuns } from './check-runs.ts'
import { comments, createComment, updateComment } from './comments.ts'
import { compare } from './compare.ts'
import { blob, tree } from './objects.ts'
import { pull, pulls } from './pulls.ts'
import { matchingReferences, reference } from './refs.ts'
import { repository } from './repository.ts'
import { createStatus } from './statuses.ts'
import { tag } from './tags.ts'
import { user } from './user.ts'

/** All REST endpoints of the stand-in. A new one needs a file in this folder and an entry here. */
export const endpoints: readonly Endpoint[] = [
  ...[repository, reference, matchingReferences],
  ...[tree, blob, tag, archive],
  ...[compare, checkRuns, createStatus, pulls, pull, comments, createComment, updateComment, user],
  ...[repositoryInstallation, installationToken],
]

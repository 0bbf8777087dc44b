import type { Endpoint } from '../types.ts'
import { installationToken, repositoryInstallation } from './app.ts'
import { archive } from './archive.ts'
import { blob, tree } from './objects.ts'
import { matchingReferences, reference } from './refs.ts'
import { repository } from './repository.ts'
import { tag } from './tags.ts'

/** Everything that the stand-in answers over REST. A new endpoint is a file beside this one and a word here. */
export const endpoints: readonly Endpoint[] = [
  ...[repository, reference, matchingReferences],
  ...[tree, blob, tag, archive],
  ...[repositoryInstallation, installationToken],
]

import { commits } from './prompt-store/faults/commits.ts'
import { ofFeed } from './prompt-store/faults/feed.ts'
import { finds } from './prompt-store/faults/finding.ts'
import { folderFiles } from './prompt-store/faults/folder-files.ts'
import { listing } from './prompt-store/faults/listing.ts'
import { moments } from './prompt-store/faults/moments.ts'
import { ofPages } from './prompt-store/faults/paging.ts'
import { releases } from './prompt-store/faults/releases.ts'
import { removal } from './prompt-store/faults/removal.ts'
import { reads } from './prompt-store/faults/snapshots.ts'
import type { PromptFault } from './prompt-store/faults/spoiling.ts'
import { storage } from './prompt-store/faults/storage.ts'

/** Ways for an adapter to be wrong, at least one for each case. */
export const promptFaults: readonly PromptFault[] = [
  ...reads,
  ...commits,
  ...moments,
  ...finds,
  ...listing,
  ...removal,
  ...ofPages,
  ...releases,
  ...ofFeed,
  ...storage,
  ...folderFiles,
]

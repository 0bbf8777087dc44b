import { commits } from './prompt-store/commits.ts'
import { feed } from './prompt-store/feed.ts'
import { finding } from './prompt-store/finding.ts'
import { folderFiles } from './prompt-store/folder-files.ts'
import type { PromptStoreCase } from './prompt-store/harness.ts'
import { listing } from './prompt-store/listing.ts'
import { moments } from './prompt-store/moments.ts'
import { paging } from './prompt-store/paging.ts'
import { releases } from './prompt-store/releases.ts'
import { removal } from './prompt-store/removal.ts'
import { snapshots } from './prompt-store/snapshots.ts'
import { storage } from './prompt-store/storage.ts'

/** The cases by what they are about. */
export const promptStoreKinds: readonly (readonly PromptStoreCase[])[] = [
  snapshots,
  commits,
  moments,
  finding,
  listing,
  removal,
  paging,
  releases,
  feed,
  storage,
  folderFiles,
]

/** Every promise of `PromptStore`, as cases that any adapter must pass. */
export const promptStoreCases: readonly PromptStoreCase[] = promptStoreKinds.flat()

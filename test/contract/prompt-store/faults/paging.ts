import { type PromptFault, paging, resorted } from './spoiling.ts'

export const ofPages: readonly PromptFault[] = [
  {
    name: 'lists versions by label',
    caught: 'lists versions newest first, page by page to the end',
    spoil: (right) =>
      paging(right, 'versions', (query) =>
        resorted(right, query, (a, b) => (a.version < b.version ? 1 : -1)),
      ),
  },
  {
    name: 'lists events oldest first',
    caught: 'lists events newest first, page by page to the end',
    spoil: (right) =>
      paging(right, 'events', (query) => resorted(right, query, (a, b) => a.sequence - b.sequence)),
  },
  {
    name: 'counts where its next page starts',
    caught: 'goes on where a page ended, also when something was added meanwhile',
    spoil: (right) =>
      paging(right, 'versions', (query) => resorted(right, query, (a, b) => b.order - a.order)),
  },
]

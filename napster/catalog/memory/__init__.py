r"""The catalog of a large index: millions of files in memory, found by their words.

How a file gets in: a `Listing` takes many message bodies apart at once, `batch` checks the fields;
`seen` knows which paths their owner shares already; `blocks` gives it an id on the owner's `shelf`,
along with others of its directory (`pieces`); it is `waiting` until `intake` has enough of them
settled. `settling` writes its text to its block (`texts`), its numbers (`fields`) to `columns`, its
content id to `contents`, and its id to the `postings` of each word: `napster.catalog.tokens` finds
the words of many names at once, `vocabulary` and the `token_table` in front of it number them,
`pairs` sorts words and files, those of a whole directory together (`spans`), and `recent` keeps
those of rare words until they are handed out.

How it is found: `plan` turns the words of a query into sets of ids, `sieve` drops the ids that do
not pass the filters, `files` reads what is left back and writes the replies; `finder` does it in
this order, and anew if ids came to stand for other files meanwhile (`undisturbed`). `sources` adds
up who shares the same content, `lookup` finds files by path.

How it gets out: its id is dead from one moment to the next; `sweep` takes dead ids out of the
postings later, a slice at a time, and gives their blocks and words back; if that falls behind,
whoever shares something helps first. `slices` runs what takes long in slices: questions before
work, and work beside tidying up. `catalog` is the whole.
"""

r"""The catalog of a large index: millions of files in memory, found by their words.

How a file gets in: `batch` reads many message bodies at once; `shelf` is its owner and knows which
paths are shared already; `blocks` gives it an id; `intake` holds it until the next settling, which
writes its text to its block, its numbers to `columns`, and its id to the `postings` of each word;
`vocabulary` numbers the words.

How it is found: `plan` turns the words of a query into sets of ids, `sieve` drops the ids that do
not pass the filters, `rows` reads what is left back, `found` writes the replies.

How it gets out: its id is dead from one moment to the next; `sweep` takes dead ids out of the
postings later, a slice at a time, and gives their blocks and words back. `slices` runs what takes
long in slices. `catalog` is the whole.
"""

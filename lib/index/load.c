/*
 * load: a day's index: the names of its entries at first, an entry when it is
 * asked for; then every length in it is checked.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "index/entry.h"
#include "index/index.h"

/* An entry by its head alone: what it says is not checked yet. */
struct known {
	char name[INDEX_NAME_MAX];
	uint64_t at;
	uint64_t length;
};

struct index {
	int fd;              /* -1: it is in memory */
	const uint8_t *data; /* then, all of it */
	uint64_t size;
	struct known *known; /* by name, the last entry of each first */
	size_t entries;
	size_t cap;
	uint64_t *entry; /* the one asked for last; so that it is aligned */
	size_t room;     /* bytes */
};

/* n bytes, or false. */
static bool
get(const struct index *ix, void *to, size_t n, uint64_t at)
{
	uint8_t *p = to;
	if (at > ix->size || n > ix->size - at)
		return false;
	if (ix->fd == -1) {
		memcpy(p, ix->data + at, n);
		return true;
	}
	while (n > 0) {
		ssize_t got = pread(ix->fd, p, n, (off_t)at);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
		at += (uint64_t)got;
	}
	return true;
}

/* ---- entries --------------------------------------------------------------------- */

static const uint8_t *
take(const uint8_t **p, const uint8_t *end, uint64_t n)
{
	const uint8_t *at = *p;
	if (n > (uint64_t)(end - at))
		return NULL;
	*p = at + n;
	return at;
}

static bool
blocks_fit(const uint8_t *p, const uint8_t *end, uint64_t blocks)
{
	for (uint64_t i = 0; i < blocks; i++) {
		struct index_block b;
		const uint8_t *at = take(&p, end, sizeof(b));
		if (at == NULL)
			return false;
		memcpy(&b, at, sizeof(b));
		if (b.lines > UINT32_MAX ||
		    take(&p, end, b.lines * sizeof(struct bloom_line)) == NULL)
			return false;
	}
	return p == end;
}

/* Is all of it within its length, and its check right? */
static bool
is_whole(const struct index_head *h)
{
	const uint8_t *p = (const uint8_t *)(h + 1);
	const uint8_t *end = (const uint8_t *)h + h->length;
	if (entry_check(h) != h->check || h->name_len >= INDEX_NAME_MAX ||
	    h->ident_len >= NFFILE_IDENT_MAX || h->protos > 256 ||
	    h->blocks > INDEX_BLOCK_MAX)
		return false;
	const uint8_t *name = take(&p, end, entry_padded(h->name_len + 1));
	return name != NULL && name[h->name_len] == '\0' &&
	       take(&p, end, entry_padded(h->ident_len)) != NULL &&
	       take(&p, end, h->protos * sizeof(struct index_proto)) != NULL &&
	       blocks_fit(p, end, h->blocks);
}

/* ---- the names ------------------------------------------------------------------- */

static void
add(struct index *ix, const struct index_head *h, const char *name, uint64_t at)
{
	if (ix->entries == ix->cap) {
		ix->cap = ix->cap * 2 + 320;
		ix->known =
		    mem_realloc(ix->known, ix->cap, sizeof(ix->known[0]));
	}
	struct known *k = &ix->known[ix->entries++];
	*k = (struct known){ .at = at, .length = h->length };
	memcpy(k->name, name, h->name_len);
}

static int
by_name(const void *a, const void *b)
{
	const struct known *x = a, *y = b;
	int c = strcmp(x->name, y->name);
	return c != 0 ? c : (x->at < y->at) - (x->at > y->at);
}

/* As far as each says where the next begins. */
static void
take_names(struct index *ix)
{
	struct {
		struct index_head head;
		char name[INDEX_NAME_MAX];
	} e;
	uint64_t at = sizeof(struct index_header);
	while (get(ix, &e.head, sizeof(e.head), at)) {
		if (!entry_length_ok(e.head.length) ||
		    e.head.length > ix->size - at)
			break;
		if (e.head.name_len < INDEX_NAME_MAX &&
		    get(ix, e.name, e.head.name_len, at + sizeof(e.head)))
			add(ix, &e.head, e.name, at);
		at += e.head.length;
	}
	if (ix->entries != 0)
		qsort(ix->known, ix->entries, sizeof(ix->known[0]), by_name);
}

/* ---- whole files ----------------------------------------------------------------- */

static struct index *
begin(struct index with)
{
	struct index_header h;
	struct index *ix = mem_calloc(1, sizeof(*ix));
	*ix = with;
	if (get(ix, &h, sizeof(h), 0) && entry_header_ok(&h)) {
		take_names(ix);
		return ix;
	}
	index_free(ix);
	return NULL;
}

struct index *
index_load_bytes(const void *bytes, size_t n)
{
	return begin((struct index){ .fd = -1, .data = bytes, .size = n });
}

struct index *
index_load(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1)
		return NULL;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return NULL;
	}
	uint64_t size = (uint64_t)st.st_size;
	return begin((struct index){ .fd = fd,
	    .size = size < INDEX_FILE_MAX ? size : INDEX_FILE_MAX });
}

void
index_free(struct index *ix)
{
	if (ix == NULL)
		return;
	if (ix->fd != -1)
		(void)close(ix->fd);
	free(ix->entry);
	free(ix->known);
	free(ix);
}

/* ---- questions ------------------------------------------------------------------- */

/* The first of that name, or where it would be. */
static size_t
search(const struct index *ix, const char *name)
{
	size_t from = 0, to = ix->entries;
	while (from < to) {
		size_t mid = (from + to) / 2;
		if (strcmp(ix->known[mid].name, name) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/* All of the entry into ix->entry, and checked. */
static bool
load_entry(struct index *ix, const struct known *k)
{
	if (k->length > ix->room) {
		free(ix->entry);
		ix->entry = mem_alloc(k->length);
		ix->room = k->length;
	}
	const struct index_head *h =
	    (const struct index_head *)(const void *)ix->entry;
	return get(ix, ix->entry, k->length, k->at) && h->length == k->length &&
	       is_whole(h) && strcmp((const char *)(h + 1), k->name) == 0;
}

static void
describe(const struct index *ix, struct index_entry *e)
{
	const struct index_head *h =
	    (const struct index_head *)(const void *)ix->entry;
	const uint8_t *p = (const uint8_t *)(h + 1);
	*e = (struct index_entry){ .head = h, .name = (const char *)p };
	p += entry_padded(h->name_len + 1);
	memcpy(e->ident, p, h->ident_len);
	p += entry_padded(h->ident_len);
	e->proto = (const struct index_proto *)(const void *)p;
	e->block = p + h->protos * sizeof(struct index_proto);
}

bool
index_find(struct index *ix, const char *name, struct index_entry *e)
{
	size_t i = search(ix, name);
	for (; i < ix->entries && strcmp(ix->known[i].name, name) == 0; i++) {
		if (!load_entry(ix, &ix->known[i]))
			continue; /* damaged */
		describe(ix, e);
		return true;
	}
	return false;
}

uint64_t
index_live(const struct index *ix)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < ix->entries; i++)
		if (i == 0 ||
		    strcmp(ix->known[i].name, ix->known[i - 1].name) != 0)
			sum += ix->known[i].length;
	return sum;
}

uint64_t
index_size(const struct index *ix)
{
	return ix->size;
}

void
index_block_next(const uint8_t **at, struct summary *s, uint64_t *bytes)
{
	const struct index_block *b =
	    (const struct index_block *)(const void *)*at;
	*s = (struct summary){ .rows = b->rows,
		.any = b->any,
		.all = b->all,
		.line = (const struct bloom_line *)(b + 1),
		.lines = b->lines };
	memcpy(s->set, b->set, sizeof(s->set));
	memcpy(s->range, b->range, sizeof(s->range));
	*bytes = b->bytes;
	*at += sizeof(*b) + b->lines * sizeof(struct bloom_line);
}

/* ---- identity -------------------------------------------------------------------- */

static int64_t
ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

void
index_id_of(const struct stat *st, struct index_id *id)
{
	*id = (struct index_id){ .inode = (uint64_t)st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_ns = ns(&st->st_mtim),
		.ctime_ns = ns(&st->st_ctim) };
}

bool
index_id_same(const struct index_id *a, const struct index_id *b)
{
	return a->inode == b->inode && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

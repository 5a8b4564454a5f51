/*
 * partition: the groups whose hashes begin alike, in memory or, beyond the
 * budget, as rows in a file.  Inside of query/groups.
 */
#ifndef QUERY_PARTITION_H
#define QUERY_PARTITION_H

#include <pthread.h>

#include "base/arena.h"
#include "query/groups.h"
#include "query/hashtab.h"
#include "query/spill.h"
#include "query/tally.h"

/* By the upper 7 bits of the hash. */
#define PARTITION_SHIFT 57
#define PARTITIONS      (1U << (64 - PARTITION_SHIFT))

struct partition {
	pthread_mutex_t lock;
	struct hashtab table;
	struct arena records; /* first records, when kept */
	struct spilled rows;
};

/*
 * Entries are a key, a struct tally and, when kept, a pointer to a record;
 * full ones also a struct tally_out behind that, and for two ways some flags.  A table begins slim and
 * becomes full with the first full entry.
 */
enum width { SLIM, FULL, WIDTHS };

/* What an entry is. */
struct shape {
	struct family *f;
	enum width width;
};

/* Narrow or wide keys. */
struct family {
	struct shape shape[WIDTHS];
	struct key key[2];
	struct keyhash *hash;
	struct pool pool[WIDTHS];
	size_t key_len;
	size_t len[WIDTHS]; /* of an entry */
	bool whole;
	enum ways ways; /* two: counters are the key's, not the first flow's */
	struct budget *budget;
	struct spill spill;
	struct partition part[PARTITIONS];
};

static inline struct tally *
family_tally(const struct family *f, const uint8_t *entry)
{
	return (struct tally *)(uintptr_t)(entry + f->key_len);
}

static inline const uint8_t **
family_record(const struct family *f, const uint8_t *entry)
{
	return (const uint8_t **)(uintptr_t)(entry + f->key_len +
					     sizeof(struct tally));
}

/* Of a full entry. */
static inline struct tally_out *
family_out(const struct family *f, const uint8_t *entry)
{
	return (struct tally_out *)(uintptr_t)(entry + f->len[SLIM]);
}

void family_init(struct family *f, const struct groups_conf *c, bool narrow,
    struct keyhash *hash);
void family_free(struct family *f);

/*
 * Two ways: the flags of flows that went against the key, behind a full
 * entry's counters.
 */
static inline uint64_t *
family_back(const struct family *f, const uint8_t *entry)
{
	return (uint64_t *)(family_out(f, entry) + 1);
}

/*
 * Two ways: is the group's destination what its key has as source?  And its
 * sums seen so: flags are those of the first flow's way.
 */
bool family_turned(const struct family *f, const uint8_t *entry);
void family_face(const struct family *f, const uint8_t *entry, struct sums *s);

/* A table for its entries. */
void family_table(struct family *f, struct hashtab *t, enum width w);

static inline enum width
family_width(const struct family *f, const struct hashtab *t)
{
	return t->entry_len == f->len[FULL] ? FULL : SLIM;
}

/* All counters of an entry. */
static inline struct sums
shape_sums(const struct shape *s, const uint8_t *entry)
{
	struct sums sums = tally_sums(family_tally(s->f, entry),
	    s->width == FULL ? family_out(s->f, entry) : NULL);
	if (s->f->ways != ONE_WAY)
		family_face(s->f, entry, &sums);
	return sums;
}

/* A copy of a record; it has its length in bytes 2 and 3. */
const uint8_t *record_copy(struct arena *a, const uint8_t *rec);

/* Some entries, one behind the other. */
struct entries {
	const uint8_t *at;
	size_t n; /* <= HASHTAB_BATCH */
	enum width width;
};

/*
 * Add entries to partition i, copies of their records, too; over the budget
 * its groups go to the file.
 */
void partition_add(struct family *f, size_t i, const struct entries *e);

/* Once all is in: a partition is in memory or in the file. */
void partition_finish(struct family *f, size_t i);

/* What to do with some groups, borrowed until it returns. */
typedef void partition_fn(void *ctx, struct family *f, const struct hashtab *t);

/*
 * All groups of a finished partition, in one table or, when it was written
 * to the file, in several of about `room` bytes.
 */
void partition_each(struct family *f, size_t i, size_t room, partition_fn *fn,
    void *ctx);

#endif

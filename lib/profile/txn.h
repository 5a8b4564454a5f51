/*
 * txn: several files and folders of the two trees changed as one.
 *
 * New things are made under hidden names beside the place they are for.  What
 * is to happen is then written, as a list of renames, to
 *
 *   PROFILESTATDIR/.journal
 *       put <tree> TAB <hidden> TAB <place>    the new thing takes its place
 *       drop <tree> TAB <place> TAB <hidden>   what is there goes out of sight
 *
 * (tree: S or D, PROFILESTATDIR or PROFILEDATADIR, paths relative to it).
 * The journal's appearance is the decision: before it nothing has happened,
 * after it everything will; every line may be done twice.  The journal goes
 * when all is done.  Hidden names are ".ops-new-<n>" and ".ops-old-<n>".
 *
 * The caller holds the tree's lock, or adds only what is nobody's yet (an
 * import).  Transactions of different programs wait for each other: they lock
 * the folder PROFILESTATDIR itself.
 */
#ifndef PROFILE_TXN_H
#define PROFILE_TXN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "conf/conf.h"

#define TXN_STEPS_MAX 20000 /* of one transaction: about five a channel */

struct txn_step {
	bool put; /* else drop */
	char tree;
	const char *from, *to; /* relative to the tree */
};

struct txn {
	const struct conf *c;
	struct arena arena;
	struct txn_step *steps;
	size_t n, cap;
	const char **made; /* hidden paths to remove when it comes to nothing */
	size_t n_made, cap_made;
	size_t next;  /* number for a hidden name */
	bool decided; /* the journal is written */
	int lock;     /* -1: none */
};

#define TXN_WAIT_MS 3000 /* for another program's */

/*
 * An earlier one that was interrupted is finished first; -1: it cannot be, or
 * another program is at work.
 */
int txn_begin(struct txn *t, const struct conf *c, struct err *err);

/*
 * A free hidden name in the folder of `path` (absolute, in one of the trees)
 * for something new; hidden is FILE_PATH_MAX.
 */
int txn_new(struct txn *t, const char *path, char *hidden, struct err *err);

/*
 * When decided, `hidden` (or another thing of the same tree) takes `path`; a
 * file that is there is replaced, a folder must not be.
 */
int txn_put(struct txn *t, const char *hidden, const char *path,
    struct err *err);

/* When decided, `path` is thrown away; nothing when it is not there. */
int txn_drop(struct txn *t, const char *path, struct err *err);

/* The same, hidden in the folder of `beside`, on the same file system. */
int txn_drop_beside(struct txn *t, const char *path, const char *beside,
    struct err *err);

/*
 * Decide and do, in the order of the calls above.  -1 and nothing decided:
 * as if it had never been; -1 and t->decided: txn_recover finishes it.
 */
int txn_commit(struct txn *t, struct err *err);

/*
 * Who has to let go of files before anything of them changes: called in each
 * txn_commit that has something to do, right before the decision.  What is
 * refused never gets there.  NULL: nobody.
 */
void txn_before(void (*fn)(void *ctx), void *ctx);

/* Frees; without a decision what was made is removed. */
void txn_end(struct txn *t);

/* Finish what a journal says; no journal: nothing to do. */
int txn_recover(const struct conf *c, struct err *err);

/* Is this name one that a transaction hides things under? */
bool txn_hidden_name(const char *name);

#endif

#include "profile/txn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "profile/internal.h"

#define NEW_PREFIX ".ops-new-"
#define OLD_PREFIX ".ops-old-"

bool
txn_hidden_name(const char *name)
{
	return strncmp(name, NEW_PREFIX, strlen(NEW_PREFIX)) == 0 ||
	       strncmp(name, OLD_PREFIX, strlen(OLD_PREFIX)) == 0;
}

/* ---- places ----------------------------------------------------------------------- */

static const char *
tree_root(const struct conf *c, char tree)
{
	return tree == 'S' ? c->profilestatdir : c->profiledatadir;
}

/* What of path lies behind root and its '/', or NULL. */
static const char *
below(const char *root, const char *path)
{
	size_t n = strlen(root);
	return strncmp(root, path, n) == 0 && path[n] == '/' ? path + n + 1
							     : NULL;
}

/* The tree that holds path: of two, one in the other, the inner one. */
static const char *
find_tree(const struct conf *c, const char *path, char *tree)
{
	const char *s = below(c->profilestatdir, path);
	const char *d = below(c->profiledatadir, path);
	*tree = s != NULL && (d == NULL || strlen(s) <= strlen(d)) ? 'S' : 'D';
	return *tree == 'S' ? s : d;
}

/* A free name with this prefix in the folder of path. */
static int
hidden_name(struct txn *t, const char *path, const char *prefix, char *hidden,
    struct err *err)
{
	const char *slash = strrchr(path, '/');
	int dir = slash == NULL ? 0 : (int)(slash - path) + 1;
	do {
		int n = snprintf(hidden, FILE_PATH_MAX, "%.*s%s%zu", dir, path,
		    prefix, t->next++);
		if (n < 0 || n >= FILE_PATH_MAX)
			return err_set(err, "%s: path too long", path);
	} while (file_exists(hidden));
	return 0;
}

/* ---- what is to be done -------------------------------------------------------------- */

static int
add_step(struct txn *t, bool put, const char *from, const char *to,
    struct err *err)
{
	char tree, other;
	const char *f = find_tree(t->c, from, &tree);
	const char *p = find_tree(t->c, to, &other);
	if (f == NULL || p == NULL || tree != other)
		return err_set(err, "%s: not in the tree of profiles", to);
	if (strpbrk(f, "\t\n") != NULL || strpbrk(p, "\t\n") != NULL)
		return err_set(err, "%s: control character in the name", to);
	if (t->n == TXN_STEPS_MAX)
		return err_set(err, "%s: more than %d changes at once", to,
		    TXN_STEPS_MAX);
	if (t->n == t->cap) {
		size_t cap = t->cap * 2 + 16;
		struct txn_step *s = arena_array(&t->arena, cap, sizeof(*s));
		if (t->n > 0)
			memcpy(s, t->steps, t->n * sizeof(*s));
		t->steps = s;
		t->cap = cap;
	}
	t->steps[t->n++] = (struct txn_step){ put, tree,
		arena_strdup(&t->arena, f), arena_strdup(&t->arena, p) };
	return 0;
}

int
txn_new(struct txn *t, const char *path, char *hidden, struct err *err)
{
	if (hidden_name(t, path, NEW_PREFIX, hidden, err) == -1)
		return -1;
	if (t->n_made == t->cap_made) {
		size_t cap = t->cap_made * 2 + 16;
		const char **m = arena_array(&t->arena, cap, sizeof(*m));
		if (t->n_made > 0)
			memcpy(m, t->made, t->n_made * sizeof(*m));
		t->made = m;
		t->cap_made = cap;
	}
	t->made[t->n_made++] = arena_strdup(&t->arena, hidden);
	return 0;
}

int
txn_put(struct txn *t, const char *hidden, const char *path, struct err *err)
{
	/* What a power failure must not take before the decision is known. */
	if (file_sync(hidden, err) == -1 || file_sync_name(hidden, err) == -1)
		return -1;
	return add_step(t, true, hidden, path, err);
}

int
txn_drop(struct txn *t, const char *path, struct err *err)
{
	return txn_drop_beside(t, path, path, err);
}

int
txn_drop_beside(struct txn *t, const char *path, const char *beside,
    struct err *err)
{
	char hidden[FILE_PATH_MAX];
	if (!file_exists(path))
		return 0;
	if (hidden_name(t, beside, OLD_PREFIX, hidden, err) == -1)
		return -1;
	return add_step(t, false, path, hidden, err);
}

/* ---- doing it ---------------------------------------------------------------------------- */

/*
 * Done already: a new thing is no longer under its hidden name; an old one
 * is under its.
 */
static bool
is_done(const struct txn_step *s, const char *from, const char *to)
{
	return !file_exists(from) || (!s->put && file_exists(to));
}

static int
do_step(const struct conf *c, const struct txn_step *s, struct err *err)
{
	char from[FILE_PATH_MAX];
	char to[FILE_PATH_MAX];
	const char *root = tree_root(c, s->tree);
	if (!file_join(from, root, s->from) || !file_join(to, root, s->to))
		return err_set(err, "%s: path too long", s->to);
	if (is_done(s, from, to))
		return 0;
	if (rename(from, to) == -1)
		return err_set(err, "%s: rename to %s: %s", from, to,
		    strerror(errno));
	if (file_sync_name(to, err) == -1)
		return -1;
	return file_sync_name(from, err);
}

static int
do_steps(const struct conf *c, const struct txn_step *steps, size_t n,
    struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (do_step(c, &steps[i], err) == -1)
			return -1;
	return 0;
}

/* ---- the journal ---------------------------------------------------------------------------- */

static int
journal_path(const struct conf *c, char *path, struct err *err)
{
	if (file_join(path, c->profilestatdir, ".journal"))
		return 0;
	return err_set(err, "%s: path too long", c->profilestatdir);
}

static int
journal_remove(const char *path, struct err *err)
{
	if (unlink(path) == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	return file_sync_name(path, err);
}

static int
journal_write(const struct txn *t, const char *path, struct err *err)
{
	struct buf text = BUF_EMPTY;
	for (size_t i = 0; i < t->n; i++)
		buf_printf(&text, "%s %c\t%s\t%s\n",
		    t->steps[i].put ? "put" : "drop", t->steps[i].tree,
		    t->steps[i].from, t->steps[i].to);
	int rc = tree_write(t->c, path, &text, err);
	buf_free(&text);
	return rc;
}

/* A path that stays in its tree. */
static bool
path_is_safe(const char *path)
{
	if (path[0] == '/' || path[0] == '\0')
		return false;
	for (const char *s = path; *s != '\0';) {
		size_t n = strcspn(s, "/");
		if (n == 0 || (n == 2 && memcmp(s, "..", 2) == 0))
			return false;
		s += n + (s[n] == '/');
	}
	return true;
}

/* One line, cut up in place. */
static bool
parse_line(char *line, struct txn_step *s)
{
	char *from = strchr(line, '\t');
	char *to = from != NULL ? strchr(from + 1, '\t') : NULL;
	if (to == NULL)
		return false;
	*from++ = '\0';
	*to++ = '\0';
	s->put = strncmp(line, "put ", 4) == 0;
	if (!s->put && strncmp(line, "drop ", 5) != 0)
		return false;
	const char *tree = strchr(line, ' ') + 1;
	s->tree = tree[0];
	s->from = from;
	s->to = to;
	return (strcmp(tree, "S") == 0 || strcmp(tree, "D") == 0) &&
	       path_is_safe(from) && path_is_safe(to);
}

static int
journal_parse(char *text, const char *path, struct arena *a,
    struct txn_step **steps, size_t *n, struct err *err)
{
	size_t lines = 1;
	for (const char *s = text; *s != '\0'; s++)
		lines += *s == '\n';
	*steps = arena_array(a, lines, sizeof(**steps));
	*n = 0;
	while (*text != '\0') {
		char *end = strchr(text, '\n');
		if (end == NULL)
			return err_set(err, "%s: its last line is cut", path);
		*end = '\0';
		if (!parse_line(text, &(*steps)[(*n)++]))
			return err_set(err, "%s:%zu: not understood", path, *n);
		text = end + 1;
	}
	return 0;
}

static int
recover(const struct conf *c, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	struct arena a = ARENA_EMPTY;
	struct txn_step *steps;
	size_t n;
	if (journal_path(c, path, err) == -1)
		return -1;
	if (!file_exists(path))
		return 0;
	int rc = file_read(path, PROFILE_FILE_MAX, &text, err);
	if (rc == 0) {
		buf_addc(&text, '\0');
		rc = journal_parse(text.data, path, &a, &steps, &n, err);
	}
	if (rc == 0)
		rc = do_steps(c, steps, n, err);
	if (rc == 0)
		rc = journal_remove(path, err);
	arena_free(&a);
	buf_free(&text);
	return rc;
}

/* ---- the whole -------------------------------------------------------------------------------- */

/* The lock's descriptor; -1 and no error: nothing can be locked here. */
static int
lock_tree(const struct conf *c, int *fd, struct err *err)
{
	static const struct timespec nap = { .tv_nsec = 20000000 };
	*fd = open(c->profilestatdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd == -1)
		return 0;
	for (int ms = 0; flock(*fd, LOCK_EX | LOCK_NB) == -1; ms += 20) {
		if (errno == EINTR)
			continue;
		bool busy = errno == EWOULDBLOCK;
		if (!busy || ms >= TXN_WAIT_MS) {
			(void)close(*fd);
			*fd = -1;
			return busy
				   ? err_set(err, "Another program is changing "
						  "profiles. Try again later.")
				   : 0;
		}
		(void)nanosleep(&nap, NULL);
	}
	return 0;
}

static void
unlock_tree(int fd)
{
	if (fd != -1)
		(void)close(fd);
}

int
txn_recover(const struct conf *c, struct err *err)
{
	int lock;
	if (lock_tree(c, &lock, err) == -1)
		return -1;
	int rc = recover(c, err);
	unlock_tree(lock);
	return rc;
}

int
txn_begin(struct txn *t, const struct conf *c, struct err *err)
{
	*t = (struct txn){ .c = c, .lock = -1 };
	return lock_tree(c, &t->lock, err) == -1 ? -1 : recover(c, err);
}

static struct {
	void (*fn)(void *ctx);
	void *ctx;
} before;

void
txn_before(void (*fn)(void *ctx), void *ctx)
{
	before.fn = fn;
	before.ctx = ctx;
}

int
txn_commit(struct txn *t, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (t->n == 0)
		return 0;
	if (before.fn != NULL)
		before.fn(before.ctx);
	if (journal_path(t->c, path, err) == -1 ||
	    journal_write(t, path, err) == -1) {
		/* Written all the same, the decision must not come later. */
		(void)unlink(path);
		return -1;
	}
	t->decided = true;
	if (do_steps(t->c, t->steps, t->n, err) == -1)
		return err_prefix(err, "half done, to be finished later");
	return journal_remove(path, err);
}

void
txn_end(struct txn *t)
{
	for (size_t i = 0; !t->decided && i < t->n_made; i++)
		(void)file_remove_tree(t->made[i], NULL);
	if (t->c != NULL)
		unlock_tree(t->lock);
	arena_free(&t->arena);
	*t = (struct txn){ .c = NULL, .lock = -1 };
}

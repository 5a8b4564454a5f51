#include "conf/grown.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "conf/settings.h"

struct line {
	struct addr a;
	char parent[CONF_IDENT_MAX + 1];
	int64_t since;
};

char *
grown_ident(const struct addr *a, char ident[ADDR_STRLEN])
{
	(void)addr_str(a, ident);
	for (char *c = ident; (c = strpbrk(c, ".:")) != NULL;)
		*c = '-';
	return ident;
}

/* ---- the file ------------------------------------------------------------- */

/* One whose end is missing (a full disk) is none. */
static bool
parse(const char *s, size_t n, struct line *l)
{
	char text[ADDR_STRLEN + CONF_IDENT_MAX + 32];
	if (n >= sizeof(text) || s[n] != '\n')
		return false;
	memcpy(text, s, n);
	text[n] = '\0';
	char *parent = strchr(text, ' ');
	char *since = parent != NULL ? strchr(parent + 1, ' ') : NULL;
	if (since == NULL || since - parent - 1 > CONF_IDENT_MAX)
		return false;
	*parent++ = *since++ = '\0';
	(void)snprintf(l->parent, sizeof(l->parent), "%s", parent);
	l->since = strtoll(since, NULL, 10);
	return addr_parse(text, &l->a) && l->since > 0;
}

static int
locked(const char *path, struct err *err)
{
	int rc, fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0664);
	if (fd == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	/* Not fcntl's: it ends when the process closes any other of the file. */
	do
		rc = flock(fd, LOCK_EX);
	while (rc == -1 && errno == EINTR);
	if (rc == 0)
		return fd;
	(void)err_set(err, "%s: %s", path, strerror(errno));
	(void)close(fd);
	return -1;
}

/* Data from `at` on is the file's end from now on. */
static int
rewrite(int fd, const char *path, off_t at, const struct buf *data,
    struct err *err)
{
	int rc = lseek(fd, at, SEEK_SET) == -1 ||
			 file_write_full(fd, buf_str(data), data->len) == -1 ||
			 ftruncate(fd, at + (off_t)data->len) == -1 ||
			 fsync(fd) == -1
		     ? err_set(err, "%s: %s", path, strerror(errno))
		     : 0;
	(void)close(fd);
	return rc;
}

int
grown_add(const char *path, const struct addr *a, const char *parent,
    int64_t since, struct err *err)
{
	char text[ADDR_STRLEN];
	char last = '\n';
	struct buf line = BUF_EMPTY;
	int fd = locked(path, err);
	if (fd == -1)
		return -1;
	off_t end = lseek(fd, 0, SEEK_END);
	if (end > 0 && pread(fd, &last, 1, end - 1) != 1)
		last = '\0'; /* an empty line is none */
	buf_printf(&line, "%s%s %s %lld\n", last == '\n' ? "" : "\n",
	    addr_str(a, text), parent, (long long)since);
	int rc = rewrite(fd, path, end > 0 ? end : 0, &line, err);
	buf_free(&line);
	return rc;
}

static int
read_lines(const char *path, struct buf *text, struct err *err)
{
	return file_exists(path) ? file_read(path, GROWN_FILE_MAX, text, err)
				 : 0;
}

static void
without(const struct buf *text, const char *ident, struct buf *out)
{
	for (const char *s = buf_str(text); *s != '\0';) {
		char is[ADDR_STRLEN];
		struct line l;
		size_t n = strcspn(s, "\n");
		if (parse(s, n, &l) &&
		    strcmp(grown_ident(&l.a, is), ident) != 0)
			buf_add(out, s, n + 1);
		s += n + (s[n] == '\n');
	}
}

int
grown_drop(const struct conf *c, const char *ident, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY, rest = BUF_EMPTY;
	/* None of ours: config's own have no hyphen. */
	if (strchr(ident, '-') == NULL ||
	    !file_join(path, c->profilestatdir, GROWN_FILE) ||
	    !file_exists(path))
		return 0;
	int fd = locked(path, err);
	if (fd == -1)
		return -1;
	int rc = read_lines(path, &text, err);
	without(&text, ident, &rest);
	if (rc == 0 && rest.len != text.len)
		rc = rewrite(fd, path, 0, &rest, err);
	else
		(void)close(fd);
	buf_free(&text);
	buf_free(&rest);
	return rc;
}

/* ---- as sources ------------------------------------------------------------ */

/* Is the sender somebody's whom config names? */
static bool
is_named(const struct conf *c, uint16_t port, const struct addr *a)
{
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct conf_source *s = &c->sources[i];
		for (size_t k = 0; k < s->n_ips; k++)
			if (s->port == port && s->parent == NULL &&
			    prefix_has(&s->ips[k], a))
				return true;
	}
	return false;
}

static bool
wanted(const struct conf *c, const struct line *l)
{
	const struct conf_source *parent = conf_source_find(c, l->parent);
	return parent != NULL && parent->in.dynamic != 0 &&
	       !is_named(c, parent->port, &l->a);
}

static bool
has(const struct conf *c, const char *ident)
{
	for (size_t i = 0; i < c->n_sources; i++)
		if (strcmp(c->sources[i].ident, ident) == 0)
			return true;
	return false;
}

static void
add(struct conf *c, const struct line *l, struct conf_source *s)
{
	char ident[ADDR_STRLEN];
	*s = *conf_source_find(c, l->parent);
	s->parent = s->ident;
	s->since = l->since;
	s->ident = arena_strdup(&c->arena, grown_ident(&l->a, ident));
	s->col = NULL;
	s->in.dynamic = 0;
	s->ips = arena_array(&c->arena, 1, sizeof(*s->ips));
	s->ips[0] = (struct prefix){ l->a, l->a.family == ADDR_V4 ? 32 : 128 };
	s->n_ips = 1;
	s->only_ips = true;
}

static int
by_ident(const void *a, const void *b)
{
	const struct conf_source *x = a, *y = b;
	return strcmp(x->ident, y->ident);
}

static size_t
take(struct conf *c, const struct buf *text)
{
	size_t n = 0, lines = 0, old = c->n_sources;
	for (size_t i = 0; i < text->len; i++)
		lines += buf_str(text)[i] == '\n';
	struct conf_source *fresh =
	    arena_array(&c->arena, old + lines + 1, sizeof(*fresh));
	for (const char *s = buf_str(text); *s != '\0';) {
		char ident[ADDR_STRLEN];
		struct line l;
		size_t len = strcspn(s, "\n");
		bool is = parse(s, len, &l) && wanted(c, &l) &&
			  !has(c, grown_ident(&l.a, ident));
		/* A line may be there twice. */
		for (size_t i = 0; is && i < n; i++)
			is = strcmp(fresh[old + i].ident, ident) != 0;
		if (is)
			add(c, &l, &fresh[old + n++]);
		s += len + (s[len] == '\n');
	}
	if (n == 0)
		return 0;
	memcpy(fresh, c->sources, old * sizeof(*fresh));
	qsort(fresh, old + n, sizeof(*fresh), by_ident);
	c->sources = fresh;
	c->n_sources = old + n;
	return n;
}

int
grown_load(struct conf *c, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	if (c->n_sources == 0 || c->profilestatdir == NULL ||
	    !file_join(path, c->profilestatdir, GROWN_FILE))
		return 0;
	int rc = read_lines(path, &text, err);
	if (rc == 0 && text.len != 0)
		rc = (int)take(c, &text);
	buf_free(&text);
	return rc;
}

void
grown_forget(struct conf *c, const char *ident)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n_sources; i++)
		if (c->sources[i].parent == NULL ||
		    strcmp(c->sources[i].ident, ident) != 0)
			c->sources[n++] = c->sources[i];
	c->n_sources = n;
}

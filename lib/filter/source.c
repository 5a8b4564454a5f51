/*
 * source: the texts that tokens come from: the filter, files, named filters.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "filter/parse.h"

/* ---- tokens ----------------------------------------------------------------- */

static bool open_include(struct parser *ps, const struct token *t);

/* The next token of the texts; included files begin and end unseen. */
static struct token
fetch(struct parser *ps)
{
	for (;;) {
		struct token t = lex_next(&ps->src->lx);
		if (t.kind == TOK_END && ps->src->included) {
			ps->src = ps->src->up;
			continue;
		}
		if (t.kind == TOK_INCLUDE && !open_include(ps, &t))
			t.kind = TOK_BAD; /* the error is known */
		if (t.kind != TOK_INCLUDE)
			return t;
	}
}

void
parse_next(struct parser *ps)
{
	if (ps->n_ahead == 0) {
		ps->tok = fetch(ps);
		return;
	}
	ps->tok = ps->ahead[0];
	ps->n_ahead--;
	memmove(ps->ahead, ps->ahead + 1, ps->n_ahead * sizeof(ps->ahead[0]));
}

const struct token *
parse_peek(struct parser *ps, unsigned i)
{
	while (ps->n_ahead < i)
		ps->ahead[ps->n_ahead++] = fetch(ps);
	return i != 0 ? &ps->ahead[i - 1] : &ps->tok;
}

void
source_init(struct parser *ps, const char *text, size_t n)
{
	ps->src = arena_alloc(ps->arena, sizeof(*ps->src));
	lex_init(&ps->src->lx, text, n);
	ps->src->lx.file = ps->options->name;
}

/* ---- opening and closing ------------------------------------------------------ */

/* The tokens looked at wait in the new text until it is closed. */
static void
push(struct parser *ps, struct source *src)
{
	src->up = ps->src;
	src->nesting = ps->src->nesting + 1;
	src->definitions = ps->definitions;
	if (!src->included) {
		memcpy(src->ahead, ps->ahead,
		    ps->n_ahead * sizeof(ps->ahead[0]));
		src->n_ahead = ps->n_ahead;
		ps->n_ahead = 0;
	}
	ps->src = src;
	if (!src->included)
		parse_next(ps);
}

void
source_close(struct parser *ps)
{
	const struct source *src = ps->src;
	memcpy(ps->ahead, src->ahead, src->n_ahead * sizeof(ps->ahead[0]));
	ps->n_ahead = src->n_ahead;
	ps->definitions = src->definitions;
	ps->src = src->up;
	parse_next(ps);
}

static bool
may_nest(struct parser *ps, const struct token *at)
{
	return ps->src->nesting < FILTER_NESTING_MAX ||
	       parse_error(ps, at, "",
		   "more than %d files and named filters within each other",
		   FILTER_NESTING_MAX);
}

/* ---- files -------------------------------------------------------------------- */

static bool
climbs(const char *name)
{
	size_t n;
	for (const char *p = name; *p != '\0'; p += n + (p[n] == '/')) {
		n = strcspn(p, "/");
		if (n == 2 && memcmp(p, "..", 2) == 0)
			return true;
	}
	return false;
}

static bool
inside(const char *path, const char *dir)
{
	char real[PATH_MAX];
	size_t n;
	if (realpath(dir, real) == NULL)
		return false;
	n = strlen(real);
	while (n > 0 && real[n - 1] == '/')
		n--;
	return strncmp(path, real, n) == 0 && path[n] == '/';
}

/* The folder that names in the text at hand are relative to. */
static void
folder(const struct parser *ps, char *dir)
{
	const char *path = ps->src->path, *slash;
	if (path == NULL || (slash = strrchr(path, '/')) == NULL)
		(void)snprintf(dir, FILE_PATH_MAX, "%s", ps->options->dir);
	else
		(void)snprintf(dir, FILE_PATH_MAX, "%.*s",
		    (int)(slash - path + (slash == path)), path);
}

static bool
unreadable(struct parser *ps, const struct token *at, const char *why)
{
	ps->fe->unreadable |= !ps->failed;
	return parse_error(ps, at, "", "file cannot be read: %s", why);
}

/* The real path of the file that the token names, if it may be read. */
static bool
find_file(struct parser *ps, const struct token *at, char *real)
{
	char name[FILE_PATH_MAX], dir[FILE_PATH_MAX], path[FILE_PATH_MAX];
	const struct filter_options *o = ps->options;
	if (o->dir == NULL)
		return parse_error(ps, at, "", "files cannot be read here");
	if (at->len == 0 || !lex_copy(at, name, sizeof(name)))
		return parse_error(ps, at, "the name of a file",
		    at->len == 0 ? "name of a file is missing"
				 : "name of a file is too long");
	/* What a text may not name it may not ask for either. */
	if (!o->anywhere &&
	    (*name == '/' || (at->file == NULL && climbs(name))))
		return parse_error(ps, at, "a name without .. or / before it",
		    "file is outside of the folder for filters");
	folder(ps, dir);
	if (*name == '/')
		(void)snprintf(path, sizeof(path), "%s", name);
	else if (!file_join(path, dir, name))
		return unreadable(ps, at, strerror(ENAMETOOLONG));
	if (realpath(path, real) == NULL)
		return unreadable(ps, at, strerror(errno));
	if (!o->anywhere && !inside(real, o->dir))
		return parse_error(ps, at, "",
		    "file is outside of the folder for filters");
	return true;
}

/* No file may be read while it is read. */
static bool
is_cycle(const struct parser *ps, const char *path, const char *name)
{
	for (const struct source *s = ps->src; s != NULL; s = s->up) {
		if (path != NULL && s->path != NULL && s->name == NULL &&
		    strcmp(s->path, path) == 0)
			return true;
		if (name != NULL && s->name != NULL &&
		    strcmp(s->name, name) == 0)
			return true;
	}
	return false;
}

static bool
read_file(struct parser *ps, const struct token *at, const char *real,
    struct buf *text)
{
	struct stat st;
	struct err err;
	if (stat(real, &st) == -1)
		return unreadable(ps, at, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return unreadable(ps, at, "it is no regular file");
	if (++ps->files > FILTER_FILES_MAX)
		return parse_error(ps, at, "", "more than %d files",
		    FILTER_FILES_MAX);
	if (file_read(real, FILTER_FILES_BYTES - ps->files_bytes, text, &err) ==
	    -1)
		return unreadable(ps, at,
		    (size_t)st.st_size > FILTER_FILES_BYTES - ps->files_bytes
			? "files are larger than 32 MiB in all"
			: "input or output error, or no permission");
	ps->files_bytes += text->len;
	return true;
}

/* The file's text as a new source, not yet pushed. */
static struct source *
open_file(struct parser *ps, const struct token *at)
{
	char real[PATH_MAX];
	struct buf text = BUF_EMPTY;
	if (!may_nest(ps, at) || !find_file(ps, at, real))
		return NULL;
	if (is_cycle(ps, real, NULL)) {
		(void)parse_error(ps, at, "", "file includes itself");
		return NULL;
	}
	if (!read_file(ps, at, real, &text)) {
		buf_free(&text);
		return NULL;
	}
	struct source *src = arena_alloc(ps->arena, sizeof(*src));
	char *copy = arena_alloc(ps->arena, text.len + 1);
	if (text.len != 0)
		memcpy(copy, text.data, text.len);
	lex_init(&src->lx, copy, text.len);
	src->lx.file = arena_strndup(ps->arena, at->s, at->len);
	src->path = arena_strdup(ps->arena, real);
	buf_free(&text);
	return src;
}

static bool
open_include(struct parser *ps, const struct token *t)
{
	struct source *src = open_file(ps, t);
	if (src == NULL)
		return false;
	src->included = true;
	push(ps, src);
	return true;
}

bool
source_list(struct parser *ps)
{
	struct source *src = open_file(ps, &ps->tok);
	if (src == NULL)
		return false;
	src->lx.list = true;
	push(ps, src);
	return true;
}

/* ---- named filters -------------------------------------------------------------- */

static struct definition *
find_definition(const struct parser *ps, const char *name)
{
	for (size_t i = ps->definitions; i-- > 0;)
		if (strcmp(ps->definition[i].name, name) == 0)
			return &ps->definition[i];
	return NULL;
}

/* The name of a filter; it may become that of a file. */
static bool
take_name(struct parser *ps, const struct token *t, char *name, size_t size)
{
	if ((t->kind != TOK_WORD && t->kind != TOK_STRING) || t->len == 0)
		return parse_error(ps, t, "the name of a filter",
		    "syntax error");
	if (!lex_copy(t, name, size) || *name == '.' ||
	    strchr(name, '/') != NULL)
		return parse_error(ps, t,
		    "at most 63 bytes, no /, no . at the start",
		    "no name for a filter");
	return true;
}

static struct definition *
new_definition(struct parser *ps, const struct token *at)
{
	if (ps->definition == NULL)
		ps->definition = arena_array(ps->arena, FILTER_NAMES_MAX,
		    sizeof(ps->definition[0]));
	if (ps->definitions == FILTER_NAMES_MAX) {
		(void)parse_error(ps, at, "", "more than %d named filters",
		    FILTER_NAMES_MAX);
		return NULL;
	}
	return &ps->definition[ps->definitions++];
}

static size_t
body_len(const struct lexer *lx)
{
	return (size_t)(lx->end - lx->p);
}

bool
source_define(struct parser *ps, const struct token *name,
    const struct token *open, const struct token *close)
{
	char text[64];
	struct lexer lx = { .p = open->s + 1,
		.end = close->s,
		.line_start = open->line_start,
		.file = open->file,
		.line = open->line };
	if (!take_name(ps, name, text, sizeof(text)))
		return false;
	const struct definition *old = find_definition(ps, text);
	if (old != NULL && body_len(&old->lx) == body_len(&lx) &&
	    memcmp(old->lx.p, lx.p, body_len(&lx)) == 0)
		return true; /* the same file was included twice */
	if (old != NULL)
		return parse_error(ps, name, "a name that is not taken",
		    "filter is defined already");
	struct definition *d = new_definition(ps, name);
	if (d == NULL)
		return false;
	*d = (struct definition){ arena_strdup(ps->arena, text), lx,
		ps->src->path };
	return true;
}

/* A file of the folder of named filters. */
static struct definition *
load_named(struct parser *ps, const struct token *at, const char *name)
{
	char path[FILE_PATH_MAX], real[PATH_MAX];
	struct buf text = BUF_EMPTY;
	if (ps->options->named == NULL ||
	    !file_join(path, ps->options->named, name) ||
	    realpath(path, real) == NULL || !inside(real, ps->options->named)) {
		(void)parse_error(ps, at,
		    ps->options->named != NULL
			? "the name of a saved filter or of a @define before"
			: "the name of a @define before",
		    "unknown filter");
		return NULL;
	}
	struct definition *d = NULL;
	if (read_file(ps, at, real, &text))
		d = new_definition(ps, at);
	if (d != NULL) {
		char *copy = arena_alloc(ps->arena, text.len + 1);
		if (text.len != 0)
			memcpy(copy, text.data, text.len);
		lex_init(&d->lx, copy, text.len);
		d->name = arena_strdup(ps->arena, name);
		d->lx.file = d->name;
		d->path = arena_strdup(ps->arena, real);
	}
	buf_free(&text);
	return d;
}

bool
source_named(struct parser *ps)
{
	char name[64];
	struct token at = ps->tok;
	if (!take_name(ps, &at, name, sizeof(name)) || !may_nest(ps, &at))
		return false;
	if (is_cycle(ps, NULL, name))
		return parse_error(ps, &at, "", "filter uses itself");
	const struct definition *d = find_definition(ps, name);
	if (d == NULL)
		d = load_named(ps, &at, name);
	if (d == NULL)
		return false;
	ps->uses_bytes += body_len(&d->lx);
	if (++ps->uses > FILTER_USES_MAX || ps->uses_bytes > FILTER_USES_BYTES)
		return parse_error(ps, &at, "",
		    "named filters are used %d times or make up more than "
		    "%d bytes",
		    FILTER_USES_MAX, FILTER_USES_BYTES);
	struct source *src = arena_alloc(ps->arena, sizeof(*src));
	*src = (struct source){ .lx = d->lx, .path = d->path, .name = d->name };
	push(ps, src);
	return true;
}

#include "profiler/nfdump_args.h"

#include <string.h>

#include "base/file.h"

/* NfSen's list is nfdump's letters that its pages use; ':' takes a value. */
static const char letters[] = "TR:r:n:c:s:o:O:A:abBl:L:N6t:qmZVIG:M:";

static int
illegal(struct err *err)
{
	return err_set(err, "Illegal characters in argument list");
}

/* ---- words --------------------------------------------------------------------- */

struct words {
	const char *v[NFDUMP_ARGS_MAX];
	size_t n;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* What a shell would take for its own: nobody means it here. */
static bool
is_special(char c)
{
	return c != '\0' && strchr("\"`$;|&<>()\\", c) != NULL;
}

/* '...' from p on; NULL: it has no end. */
static const char *
take_quoted(const char *p, char *word, size_t *n)
{
	const char *end = strchr(p + 1, '\'');
	if (end == NULL)
		return NULL;
	memcpy(word + *n, p + 1, (size_t)(end - p) - 1);
	*n += (size_t)(end - p) - 1;
	return end + 1;
}

/* One word; its end, or NULL. */
static const char *
take_word(const char *p, char *word)
{
	size_t n = 0;
	while (p != NULL && *p != '\0' && !is_blank(*p)) {
		if (*p == '\'') {
			p = take_quoted(p, word, &n);
		} else if (p[0] == '\\' && p[1] == '\'') {
			word[n++] = '\'';
			p += 2;
		} else if (is_special(*p) || (unsigned char)*p < ' ' ||
			   (unsigned char)*p > '~') {
			return NULL;
		} else {
			word[n++] = *p++;
		}
	}
	word[n] = '\0';
	return p;
}

static int
split(const char *text, struct arena *a, struct words *w, struct err *err)
{
	/* Without a format there is nothing that needs quotes: as NfSen. */
	if (strstr(text, "fmt:") == NULL && strstr(text, "csv:") == NULL &&
	    strpbrk(text, "'\"`;\\") != NULL)
		return illegal(err);
	for (const char *p = text;;) {
		while (is_blank(*p))
			p++;
		if (*p == '\0')
			return 0;
		if (w->n == NFDUMP_ARGS_MAX)
			return err_set(err, "more than %d arguments",
			    NFDUMP_ARGS_MAX);
		char *word = arena_alloc(a, strlen(p) + 1);
		if ((p = take_word(p, word)) == NULL)
			return illegal(err);
		w->v[w->n++] = word;
	}
}

/* ---- names of files --------------------------------------------------------------- */

/*
 * with_folders: names in the folders of the request; else whole paths.  Both
 * ends of a range are looked at, as well as every folder.
 */
static int
check_path(const char *path, const char *root, bool with_folders,
    struct err *err)
{
	if (!file_stays(path))
		return err_set(err, "'%s' leaves its folder", path);
	if (with_folders && (path[0] == '/' || strstr(path, ":/") != NULL))
		return err_set(err,
		    "'%s' is no name below the channels' folders", path);
	if (!with_folders && !file_is_below(path, root))
		return err_set(err, "'%s' is not below %s", path, root);
	return 0;
}

/* ---- options ----------------------------------------------------------------------- */

struct parser {
	const struct words *w;
	const char *root;
	bool with_folders;
	bool has_folders; /* -M is there, or the caller's */
	struct arena *a;
	struct nfdump_args *out;
	struct err *err;
};

static bool
has_value(char letter)
{
	const char *l = strchr(letters, letter);
	return l != NULL && l[1] == ':';
}

static int
put(struct parser *p, const char *text)
{
	if (p->out->n == NFDUMP_ARGS_MAX)
		return err_set(p->err, "more than %d arguments",
		    NFDUMP_ARGS_MAX);
	p->out->v[p->out->n++] = text;
	return 0;
}

static int
check_value(struct parser *p, char letter, const char *value)
{
	p->out->reads |= letter == 'r' || letter == 'R';
	if (letter == 'M' && p->with_folders)
		return err_set(p->err,
		    "Option '-M' is not allowed beside a profile");
	/* Databases are the configuration's. */
	if (letter == 'G' && strcmp(value, "none") != 0)
		return err_set(p->err, "Option '-G' takes only 'none'");
	p->has_folders |= letter == 'M';
	return 0;
}

/* One word of options: letters without a value, then one that may have one. */
static int
take_options(struct parser *p, size_t *i)
{
	const char *word = p->w->v[*i];
	for (const char *s = word + 1; *s != '\0'; s++) {
		if (*s == ':' || strchr(letters, *s) == NULL)
			return err_set(p->err, "Option '-%c' is not allowed",
			    *s);
		p->out->checks |= *s == 'Z' || *s == 'V';
		if (put(p, arena_printf(p->a, "-%c", *s)) == -1)
			return -1;
		if (!has_value(*s))
			continue;
		const char *value = s[1] != '\0'       ? s + 1
				    : *i + 1 < p->w->n ? p->w->v[++*i]
						       : NULL;
		if (value == NULL)
			return err_set(p->err, "Option '-%c' needs a value",
			    *s);
		return check_value(p, *s, value) == -1 ? -1 : put(p, value);
	}
	return 0;
}

/* When all options are known: -M counts wherever it stands. */
static int
check_paths(const struct parser *p)
{
	const struct nfdump_args *o = p->out;
	for (size_t i = 0; i < o->n; i++) {
		char letter = o->v[i][1];
		if (!has_value(letter))
			continue;
		const char *value = o->v[++i];
		if (letter == 'M' &&
		    check_path(value, p->root, false, p->err) == -1)
			return -1;
		if ((letter == 'r' || letter == 'R') &&
		    check_path(value, p->root, p->has_folders, p->err) == -1)
			return -1;
	}
	return 0;
}

int
nfdump_args_parse(const char *text, const char *root, bool with_folders,
    struct arena *a, struct nfdump_args *out, struct err *err)
{
	struct words w = { .n = 0 };
	*out = (struct nfdump_args){ .n = 0 };
	if (split(text, a, &w, err) == -1)
		return -1;
	struct parser p = { &w, root, with_folders, with_folders, a, out, err };
	for (size_t i = 0; i < w.n; i++) {
		const char *word = w.v[i];
		if (word[0] != '-' || word[1] == '\0')
			return err_set(err, "'%s' is no option", word);
		if (word[1] == '-')
			return err_set(err, "Option '%s' is not allowed", word);
		if (take_options(&p, &i) == -1)
			return -1;
	}
	return check_paths(&p);
}

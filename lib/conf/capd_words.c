/*
 * Text into words, without a shell.
 */
#include <string.h>

#include "conf/capd.h"

#define BLANKS " \t\r\n"
/* What a shell would act on outside quotes; '~' and '#' only at a word. */
#define META "|&;<>()$`*?["

struct words {
	const char *text;
	const char *p;
	bool shell; /* refuse what would need one */
	const char **list;
	size_t n;
	char *out; /* of the word being made */
	struct arena *a;
	struct err *err;
};

static int
refuse(const struct words *w, const char *at)
{
	return err_set(w->err,
	    "character %zu, '%c': would need a shell, and none is used",
	    (size_t)(at - w->text) + 1, *at);
}

static int
open_quote(const struct words *w, const char *at)
{
	return err_set(w->err, "character %zu: %c without its end",
	    (size_t)(at - w->text) + 1, *at);
}

static int
single_quoted(struct words *w)
{
	const char *from = w->p++;
	while (*w->p != '\'' && *w->p != '\0')
		*w->out++ = *w->p++;
	if (*w->p == '\0')
		return open_quote(w, from);
	w->p++;
	return 0;
}

static int
double_quoted(struct words *w)
{
	const char *from = w->p++;
	while (*w->p != '"' && *w->p != '\0') {
		if (*w->p == '\\' && w->p[1] != '\0' &&
		    strchr("\\\"$`", w->p[1]) != NULL)
			w->p++;
		else if (w->shell && (*w->p == '$' || *w->p == '`'))
			return refuse(w, w->p);
		*w->out++ = *w->p++;
	}
	if (*w->p == '\0')
		return open_quote(w, from);
	w->p++;
	return 0;
}

static int
bare(struct words *w, bool first)
{
	if (w->shell && (strchr(META, *w->p) != NULL ||
			    (first && (*w->p == '~' || *w->p == '#'))))
		return refuse(w, w->p);
	if (*w->p == '\\' && w->p[1] != '\0')
		w->p++;
	*w->out++ = *w->p++;
	return 0;
}

static int
one_word(struct words *w)
{
	char *word = arena_alloc(w->a, strlen(w->p) + 1);
	const char *from = w->p;
	w->out = word;
	while (*w->p != '\0' && strchr(BLANKS, *w->p) == NULL) {
		int rc = *w->p == '\''  ? single_quoted(w)
			 : *w->p == '"' ? double_quoted(w)
					: bare(w, w->p == from);
		if (rc == -1)
			return -1;
	}
	*w->out = '\0';
	w->list[w->n++] = word;
	return 0;
}

static const char **
split(struct words *w)
{
	w->list = arena_array(w->a, CAPD_WORDS_MAX + 1, sizeof(*w->list));
	while (*(w->p += strspn(w->p, BLANKS)) != '\0') {
		if (w->n == CAPD_WORDS_MAX) {
			(void)err_set(w->err, "more than %d words",
			    CAPD_WORDS_MAX);
			return NULL;
		}
		if (one_word(w) == -1)
			return NULL;
	}
	w->list[w->n] = NULL;
	return w->list;
}

const char **
capd_words(const char *text, size_t *n, struct arena *a, struct err *err)
{
	struct words w = { .text = text,
		.p = text,
		.shell = true,
		.a = a,
		.err = err };
	const char **list = split(&w);
	*n = w.n;
	return list;
}

const char **
capd_command(const char *text, struct arena *a, struct err *err)
{
	struct words w = { .text = text, .p = text, .a = a, .err = err };
	const char **list = split(&w);
	if (list != NULL && (w.n == 0 || list[0][0] == '\0')) {
		(void)err_set(err, "no command in '%s'", text);
		return NULL;
	}
	return list;
}

#include "conf/conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "conf/grown.h"
#include "conf/settings.h"

#ifndef NFSEN_CONF_DEFAULT
#define NFSEN_CONF_DEFAULT "/usr/local/etc/nfsen.conf"
#endif

#define FILE_MAX (16 * 1024 * 1024)

int
load_fail(const struct loader *l, struct value_place at, const char *fmt, ...)
{
	char text[ERR_MAX];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(l->err, "%s:%d:%d: %s", l->c->file, at.line, at.column,
	    text);
}

void
load_warn(const struct loader *l, struct value_place at, const char *fmt, ...)
{
	char text[ERR_MAX];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_printf(&l->c->warnings, "%s:%d:%d: %s\n", l->c->file, at.line,
	    at.column, text);
}

const char *
conf_path(const char *path)
{
	if (path != NULL)
		return path;
	const char *env = getenv("NFSEN_CONF");
	return env != NULL && env[0] != '\0' ? env : NFSEN_CONF_DEFAULT;
}

struct conf *
conf_load_text(const char *file, const char *text, size_t len, struct err *err)
{
	struct conf *c = mem_calloc(1, sizeof(*c));
	c->file = arena_strdup(&c->arena, file);
	struct value_hooks hooks = { settings_default, &c->warnings };
	c->vars = value_parse(c->file, text, len, &hooks, &c->arena, err);
	struct loader l = { c, c->vars, err };
	if (c->vars != NULL && load_settings(&l) == 0 && load_sim(&l) == 0 &&
	    load_sources(&l) == 0 && load_profiles(&l) == 0)
		return c;
	conf_free(c);
	return NULL;
}

struct conf *
conf_load(const char *path, struct err *err)
{
	struct buf text = BUF_EMPTY;
	struct conf *c = NULL;
	if (file_read(path, FILE_MAX, &text, err) == 0)
		c = conf_load_text(path, buf_str(&text), text.len, err);
	buf_free(&text);
	if (c != NULL && grown_load(c, err) == -1) {
		conf_free(c);
		c = NULL;
	}
	return c;
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	buf_free(&c->warnings);
	arena_free(&c->arena);
	free(c);
}

void
conf_print(const struct conf *c, struct buf *out)
{
	settings_print(c, out);
	sources_print(c, out);
	profiles_print(c, out);
	buf_adds(out, "1;\n");
}

#include "profile/hints.h"

#include <stdio.h>

#include "base/file.h"
#include "profile/internal.h"

#define NFSEN_VERSION "1.3.11" /* whose formats we write */

static bool
hints_path(const struct conf *c, char *path)
{
	return file_join(path, c->profilestatdir, "hints");
}

void
hints_update(const struct conf *c, struct arena *a, struct perl_value *h)
{
	struct perl_value *sources = perl_map(a);
	int64_t nfdump;
	for (size_t i = 0; i < c->n_sources; i++) {
		char port[8];
		if (c->sources[i].parent != NULL)
			continue;
		(void)snprintf(port, sizeof(port), "%u", c->sources[i].port);
		perl_set_text(a, sources, c->sources[i].ident, port);
	}
	*perl_set(a, h, "sources") = *sources;
	perl_set_int(a, h, "subdirlayout", c->subdirlayout);
	if (!perl_number(perl_find(h, "nfdump"), &nfdump))
		perl_set_text(a, h, "nfdump", "7");
	if (!c->simmode)
		perl_unset(h, "sim");
}

struct perl_value *
hints_new(const struct conf *c, struct arena *a, int64_t now)
{
	struct perl_value *h = perl_map(a);
	perl_set_text(a, h, "version", NFSEN_VERSION);
	perl_set_int(a, h, "installed", now);
	hints_update(c, a, h);
	return h;
}

struct perl_value *
hints_read(const struct conf *c, struct arena *a, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (!hints_path(c, path)) {
		(void)err_set(err, "%s: path too long", c->profilestatdir);
		return NULL;
	}
	if (!file_exists(path)) {
		(void)err_set(err, "%s", "");
		return NULL;
	}
	struct perl_value *h = storable_read(path, a, err);
	if (h == NULL || h->type == PERL_MAP)
		return h;
	(void)err_set(err, "%s: no hash in it", path);
	return NULL;
}

int
hints_write(const struct conf *c, const struct perl_value *h, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf b = BUF_EMPTY;
	if (!hints_path(c, path))
		return err_set(err, "%s: path too long", c->profilestatdir);
	storable_print(h, &b);
	int rc = tree_write(c, path, &b, err);
	buf_free(&b);
	return rc;
}

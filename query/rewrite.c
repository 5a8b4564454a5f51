/* rewrite: files changed in their place: -J, -i. */
#include <stdio.h>
#include <string.h>

#include "nffile/nffile.h"
#include "query/files.h"

static int
complain(const struct err *err)
{
	(void)fprintf(stderr, "nfsen-query: %s\n", err->msg);
	return EXIT_DAMAGE;
}

static int
find(struct options *o, struct tree_list *files)
{
	struct err err;
	o->files.with_open = false; /* its writer is not done with it */
	if (tree_find(&o->files, &o->arena, files, &err) == 0)
		return 0;
	(void)complain(&err);
	return o->files.R != NULL ? EXIT_OPEN : EXIT_ARGS;
}

/* As the user wrote it. */
static const char *
shown(const struct options *o, const char *path)
{
	const char *asked = o->files.r != NULL ? o->files.r : o->files.R;
	return strncmp(path, "./", 2) == 0 && strncmp(asked, "./", 2) != 0 &&
		       o->files.M == NULL
		   ? path + 2
		   : path;
}

/* What the file is like now. */
static int
look(const char *path, enum nffile_codec *codec, char *ident, struct err *err)
{
	struct nffile_reader r;
	if (nffile_open(&r, path, err) == -1)
		return -1;
	*codec = (enum nffile_codec)r.header.compression;
	memcpy(ident, r.ident, sizeof(r.ident));
	nffile_close(&r);
	return 0;
}

/* A level is not told by the file: with one it is packed again. */
static int
recompress(const struct options *o, const char *path)
{
	char ident[NFFILE_IDENT_MAX];
	enum nffile_codec now;
	struct err err;
	if (look(path, &now, ident, &err) == -1)
		return complain(&err);
	if (now == o->codec && o->level == 0) {
		(void)printf("File %s is already same compression methode\n",
		    shown(o, path));
		return 0;
	}
	if (nffile_rewrite(path, o->codec, o->level, NULL, &err) == -1)
		return complain(&err);
	(void)printf("File %s compression changed\n", shown(o, path));
	return 0;
}

int
files_recompress(struct options *o)
{
	struct tree_list files;
	int status = find(o, &files);
	if (status != 0)
		return status;
	for (size_t i = 0; i < files.n; i++)
		if (recompress(o, files.files[i].path) != 0)
			status = EXIT_DAMAGE;
	return status;
}

int
files_ident(struct options *o)
{
	char was[NFFILE_IDENT_MAX];
	enum nffile_codec codec;
	struct tree_list files;
	struct err err;
	int status = find(o, &files);
	for (size_t i = 0; status == 0 && i < files.n; i++) {
		const char *path = files.files[i].path;
		if (look(path, &codec, was, &err) == -1 ||
		    nffile_rewrite(path, codec, 0, o->ident, &err) == -1)
			return complain(&err);
		(void)printf("%s ident: %s -> %s\n", shown(o, path), was,
		    o->ident);
	}
	return status;
}

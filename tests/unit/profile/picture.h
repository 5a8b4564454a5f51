/* A tree of profiles as text: two that read the same are the same. */
#ifndef TESTS_PROFILE_PICTURE_H
#define TESTS_PROFILE_PICTURE_H

#include <dirent.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "fixture.h"

static inline void
list_tree(const char *dir, const char *below, struct buf *out)
{
	struct dirent **names;
	char path[FILE_PATH_MAX];
	ck_assert(file_join(path, dir, below));
	int n = scandir(path, &names, NULL, alphasort);
	ck_assert_int_ge(n, 0);
	for (int i = 0; i < n; i++) {
		char inner[FILE_PATH_MAX];
		struct stat st;
		const char *name = names[i]->d_name;
		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
			ck_assert(file_join(inner, below, name));
			ck_assert(file_join(path, dir, inner));
			ck_assert_int_eq(stat(path, &st), 0);
			buf_printf(out, "%s\n", inner);
			if (S_ISDIR(st.st_mode))
				list_tree(dir, inner, out);
		}
		free(names[i]);
	}
	free(names);
}

/* Names of all files, and what every profile.dat and filter says. */
static inline char *
picture(const struct conf *c)
{
	struct buf out = BUF_EMPTY;
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	list_tree(root, ".", &out);
	ck_assert_int_eq(profile_list(c, &a, &l, &err), 0);
	for (size_t i = 0; i < l.n; i++) {
		struct profile *p =
		    profile_load(c, l.ids[i].group, l.ids[i].name, &err);
		struct buf channels = BUF_EMPTY;
		ck_assert_msg(p != NULL, "%s", err.msg);
		size_t order[16];
		profile_draw_order(p, order);
		buf_printf(&out,
		    "%s/%s: %s type=%d expire=%" PRId64 " maxsize=%" PRIu64
		    " %s\n",
		    p->group, p->name, p->description, p->type, p->expire,
		    p->maxsize, p->status);
		for (size_t k = 0; k < p->n_channels; k++) {
			struct channel *ch = &p->channels[order[k]];
			/* Sources keep the order they came in. */
			if (p->type == PROFILE_LIVE)
				ch->order = 0;
			if (p->type != PROFILE_LIVE)
				profile_print_channel(ch, &channels);
			ck_assert_int_eq(profile_filter_read(c, p, ch->name,
					     &channels, &err),
			    0);
		}
		buf_adds(&out, buf_str(&channels));
		buf_free(&channels);
		profile_free(p);
	}
	arena_free(&a);
	buf_addc(&out, '\0');
	return out.data;
}

#endif

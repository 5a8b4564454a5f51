/* The flow files of a channel: how many, since when, where they lie. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/takeover.h"
#include "base/file.h"
#include "nffile/layout.h"

#define DEPTH 6 /* folders: the deepest layout has 4 */

struct look {
	bool deep;
	struct arena *a;
	struct flow_facts *f;
	const char *root;
};

/* 1, 2, or 0: no flow file. */
static int
version_of(const char *path)
{
	uint16_t head[2] = { 0, 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	ssize_t n = pread(fd, head, sizeof(head), 0);
	(void)close(fd);
	return n == (ssize_t)sizeof(head) && head[0] == NFFILE_MAGIC &&
		       (head[1] == 1 || head[1] == 2)
		   ? head[1]
		   : 0;
}

/* `below`: its folder, from the channel's on. */
static void
count_place(struct flow_facts *f, int64_t start, const char *below)
{
	char sub[SLOT_SUB_MAX];
	bool known = false;
	for (int i = 0; i < SLOT_LAYOUTS; i++)
		if (strcmp(slot_subdir(start, i, sub), below) == 0) {
			f->by_layout[i]++;
			known = true;
		}
	f->elsewhere += !known;
}

static void
take_slot(struct look *l, const char *path, const char *below, int64_t start,
    const struct stat *st)
{
	struct flow_facts *f = l->f;
	const char *name = strrchr(path, '/') + 1;
	f->files++;
	f->bytes += (uint64_t)st->st_blocks * 512;
	f->zoned += strpbrk(name, "+-") != NULL;
	if (f->first == 0 || start < f->first)
		f->first = start;
	if (start > f->last)
		f->last = start;
	count_place(f, start, below);
	if (st->st_size == 0)
		f->empty++;
	int version = l->deep && st->st_size > 0 ? version_of(path) : 2;
	f->by_version[version]++;
	if (version == 0 && f->bad == NULL)
		f->bad = arena_strdup(l->a, path);
}

static bool
is_digits(const char *s)
{
	return *s != '\0' && strspn(s, "0123456789") == strlen(s);
}

static void
take_file(struct look *l, const char *path, const char *below,
    const struct stat *st)
{
	struct flow_facts *f = l->f;
	const char *name = strrchr(path, '/') + 1;
	int64_t start;
	if (slot_parse_name(name, &start)) {
		take_slot(l, path, below, start, st);
	} else if (strncmp(name, "nfcapd.current", 14) == 0) {
		f->open++;
		if (f->left == NULL)
			f->left =
			    arena_array(l->a, FLOW_LEFT_MAX, sizeof(*f->left));
		if (f->n_left < FLOW_LEFT_MAX)
			f->left[f->n_left++] = arena_strdup(l->a, path);
	} else if (strncmp(name, "nfprofile.", 10) == 0 &&
		   is_digits(name + 10)) {
		f->unfinished++;
	} else {
		f->others++;
		if (f->other == NULL)
			f->other = arena_strdup(l->a, path);
	}
}

static void
walk(struct look *l, const char *dir, const char *below, int depth)
{
	char path[FILE_PATH_MAX], sub[FILE_PATH_MAX];
	struct stat st;
	DIR *d = opendir(dir);
	if (d == NULL) {
		l->f->missing |= depth == 0;
		return;
	}
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.' || !file_join(path, dir, e->d_name) ||
		    lstat(path, &st) == -1)
			continue;
		if (S_ISREG(st.st_mode)) {
			take_file(l, path, below, &st);
		} else if (S_ISDIR(st.st_mode) && depth < DEPTH &&
			   isdigit((unsigned char)e->d_name[0])) {
			if (below[0] == '\0')
				walk(l, path, e->d_name, depth + 1);
			else if (file_join(sub, below, e->d_name))
				walk(l, path, sub, depth + 1);
		} else {
			l->f->others++;
			if (l->f->other == NULL)
				l->f->other = arena_strdup(l->a, path);
		}
	}
	(void)closedir(d);
}

void
flow_look(const char *dir, bool deep, struct arena *a, struct flow_facts *f)
{
	struct look l = { deep, a, f, dir };
	*f = (struct flow_facts){ 0 };
	walk(&l, dir, "", 0);
}

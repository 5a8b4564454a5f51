/*
 * replay: run a fuzz target over every file of the given folders and files,
 * so that committed seeds and old crashers are an ordinary test.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long
replay(const char *path)
{
	struct stat st;
	if (stat(path, &st) == -1) {
		perror(path);
		exit(1);
	}
	unsigned long n = 0;
	if (S_ISDIR(st.st_mode)) {
		DIR *d = opendir(path);
		if (d == NULL) {
			perror(path);
			exit(1);
		}
		for (struct dirent *e; (e = readdir(d)) != NULL;) {
			char sub[FILE_PATH_MAX];
			if (e->d_name[0] != '.' &&
			    file_join(sub, path, e->d_name))
				n += replay(sub);
		}
		(void)closedir(d);
		return n;
	}
	struct buf b = BUF_EMPTY;
	struct err err;
	if (file_read(path, SIZE_MAX / 8, &b, &err) == -1) {
		(void)fprintf(stderr, "%s\n", err.msg);
		exit(1);
	}
	/* An exact copy, so that a sanitizer sees a read past the end. */
	uint8_t *copy = malloc(b.len != 0 ? b.len : 1);
	if (copy == NULL)
		exit(1);
	if (b.len != 0)
		memcpy(copy, b.data, b.len);
	(void)LLVMFuzzerTestOneInput(copy, b.len);
	free(copy);
	buf_free(&b);
	return 1;
}

int
main(int argc, char **argv)
{
	unsigned long n = 0;
	for (int i = 1; i < argc; i++)
		n += replay(argv[i]);
	(void)printf("%lu inputs\n", n);
	return n == 0;
}

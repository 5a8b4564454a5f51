/*
 * tree: folders and small files of the two trees, made and removed as NfSen
 * has them: owner, group, modes.
 */
#ifndef PROFILE_TREE_H
#define PROFILE_TREE_H

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"

#define PROFILE_FILE_MAX  (16 * 1024 * 1024) /* profile.dat, a filter file */
#define PROFILE_DIR_MODE  0775
#define PROFILE_FILE_MODE 0664

/* Give what was made to USER:WWWGROUP; nothing to do unless root. */
int tree_own(const struct conf *c, const char *path, struct err *err);

/* A folder of the tree with its parents, and a small file in it. */
int tree_mkdir(const struct conf *c, const char *path, struct err *err);
int tree_write(const struct conf *c, const char *path, const struct buf *text,
    struct err *err);

#endif

// A file system for SQLite that is the default one, but for its write-ahead log: what a transaction writes to it, two calls for each page, goes to the
// file in one. Frames are longer than a page of the file, so each call alone changes two pages in part, which the system must read where they are not in
// its memory. Nobody sees a difference: what is held back is written before this connection reads, syncs or lets go of the writer's lock.
#pragma once
#include <string>

namespace tf::store::sqlite {

// Registered under this name; above whatever is the default now.
std::string gathering_file_system();

}  // namespace tf::store::sqlite

// Orders of many devices from a CSV file: read strictly, sent in chunks, resumed where an earlier run stopped.
//
//   dsim_id,owner,plan                     or  dsim_id,owner,plan,signing,decryption
//   M2M-0001,Waterworks Nord,standard          the last two: PEM files of the module's certificate chains, relative to the file's folder
//
// Beside FILE: FILE.progress (which lines are done), FILE.refused.csv (line, device, reason). Fields have no commas, quotes and blanks at their ends.
#pragma once
#include <string>
#include <vector>

#include "protocols/onboard/messages_servers.hpp"

namespace tf::cli {

struct OrderLine {
  std::int64_t number = 0;  // in the file, from 1
  onboard::Subscription row;
};
struct RefusedLine {
  std::int64_t number = 0;
  std::string dsim_id, reason;
};
struct OrderFile {
  Hash256 hash{};
  std::vector<OrderLine> lines;
  std::vector<RefusedLine> refused;  // by us: not well formed
};
// Code::invalid "cli.csv" when the head is another.
Result<OrderFile> read_orders(const std::string& path);

// Behind the last of the lines from "from" that go into one message: as many as a message has rows and, above one, fit into so many bytes.
std::int64_t end_of_message(const OrderFile& file, std::int64_t from, std::size_t most_bytes);

// What is done of a file.
struct OrderProgress {
  std::int64_t done = 0;  // lines of OrderFile::lines
  std::int64_t registered = 0, accepted = 0;
  std::vector<RefusedLine> refused;
};
// Nothing is done when there is none, or it is of another content.
OrderProgress read_progress(const std::string& path, const OrderFile& file);
Status write_progress(const std::string& path, const OrderFile& file, const OrderProgress& progress);
// As CSV that a spreadsheet takes for text: fields with quotes, commas or line ends in quotes, a ' before what would be a formula.
Status write_refused(const std::string& path, const OrderFile& file, const OrderProgress& progress);

}  // namespace tf::cli

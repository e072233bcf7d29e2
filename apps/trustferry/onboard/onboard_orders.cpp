#include "apps/trustferry/onboard/onboard_orders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "pki/certificate.hpp"
#include "protocols/onboard/certificates.hpp"
#include "protocols/onboard/identity.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

constexpr std::size_t kMostBatch = 256UL << 20;
constexpr std::size_t kMostChainFile = 64 * 1024;

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t comma = line.find(',');
    out.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    line.remove_prefix(comma + 1);
  }
}

Result<onboard::Chain> chain_in(const std::string& folder, std::string_view name) {
  const std::string path = name.starts_with('/') ? std::string(name) : (std::filesystem::path(folder) / name).string();
  return onboard::chain_of(TF_TRY(pki::certificates_from_pem(as_text(TF_TRY(read_file(path, kMostChainFile))))));
}

Result<onboard::Subscription> row_of(std::string_view line, std::size_t columns, const std::string& folder) {
  const auto fields = split(line);
  const bool plain = std::ranges::none_of(fields, [](std::string_view field) { return field.contains('"') || field.starts_with(' ') || field.ends_with(' '); });
  if (fields.size() != columns || !plain) return Error{Code::malformed, "cli.csv", fmt::format("{} fields, no quotes, no blanks at their ends", columns)};
  onboard::Subscription out;
  out.dsim_id = TF_TRY(onboard::parse_dsim_id(fields[0]));
  out.owner = TF_TRY(onboard::parse_owner(fields[1]));
  out.plan = TF_TRY(onboard::parse_id(fields[2]));
  if (columns == 5 && (!fields[3].empty() || !fields[4].empty())) {
    out.signing = TF_TRY(chain_in(folder, fields[3]));
    out.decryption = TF_TRY(chain_in(folder, fields[4]));
  }
  return out;
}

std::string csv_field(std::string_view text) {
  std::string out(text);
  if (!out.empty() && std::string_view("=+-@\t\r").contains(out.front())) out.insert(out.begin(), '\'');
  if (out.find_first_of("\",\r\n") == std::string::npos) return out;
  for (std::size_t at = 0; (at = out.find('"', at)) != std::string::npos; at += 2) out.insert(at, 1, '"');
  return '"' + out + '"';
}

}  // namespace

std::int64_t end_of_message(const OrderFile& file, std::int64_t from, std::size_t most_bytes) {
  const auto most = std::min(static_cast<std::int64_t>(file.lines.size()), from + static_cast<std::int64_t>(onboard::kMaxRows));
  std::size_t bytes = 0;
  std::int64_t end = from;
  for (; end < most; ++end) {
    bytes += onboard::encode(std::vector{file.lines[static_cast<std::size_t>(end)].row}).size();
    if (bytes > most_bytes && end > from) break;
  }
  return end;
}

Result<OrderFile> read_orders(const std::string& path) {
  const Bytes content = TF_TRY(read_file(path, kMostBatch));
  OrderFile out;
  out.hash = crypto::sha256(content);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  std::string_view rest = as_text(content);
  std::size_t columns = 0;
  for (std::int64_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (number == 1) {
      columns = line == "dsim_id,owner,plan" ? 3 : line == "dsim_id,owner,plan,signing,decryption" ? 5 : 0;
      if (columns == 0) return Error{Code::invalid, "cli.csv", path + ": the first line is dsim_id,owner,plan or dsim_id,owner,plan,signing,decryption"};
      continue;
    }
    if (line.empty()) continue;
    auto row = row_of(line, columns, folder);
    if (row) out.lines.push_back({number, std::move(*row)});
    else out.refused.push_back({number, std::string(line.substr(0, std::min<std::size_t>(line.find(','), 64))), row.error().reason});
  }
  if (columns == 0) return Error{Code::invalid, "cli.csv", path + " is empty"};
  return out;
}

OrderProgress read_progress(const std::string& path, const OrderFile& file) {
  const auto content = read_file(path, kMostBatch);
  if (!content) return {};
  const auto parsed = [&]() -> Result<OrderProgress> {
    auto object = TF_TRY(wire::JsonObject::parse(as_text(*content), {.size = kMostBatch}));
    if (TF_TRY(object.text("csv")) != wire::hex_lower(file.hash)) return OrderProgress();
    OrderProgress out;
    out.done = TF_TRY(object.integer("done", 0, static_cast<std::int64_t>(file.lines.size())));
    out.registered = TF_TRY(object.integer("registered", 0, INT64_MAX));
    out.accepted = TF_TRY(object.integer("accepted", 0, INT64_MAX));
    for (auto& row : TF_TRY(object.objects("refused", file.lines.size())))
      out.refused.push_back({TF_TRY(row.integer("line", 1, INT64_MAX)), TF_TRY(row.text("dsim_id")), TF_TRY(row.text("reason"))});
    return out;
  }();
  return parsed ? *parsed : OrderProgress();
}

Status write_progress(const std::string& path, const OrderFile& file, const OrderProgress& progress) {
  wire::JsonWriter writer;
  writer.begin_object().member("csv", wire::hex_lower(file.hash)).member("done", progress.done).member("registered", progress.registered).member("accepted", progress.accepted);
  writer.key("refused").begin_array();
  for (const RefusedLine& line : progress.refused) writer.begin_object().member("line", line.number).member("dsim_id", line.dsim_id).member("reason", line.reason).end_object();
  writer.end_array().end_object();
  return write_file_atomic(path, as_bytes(writer.text()), 0644);
}

Status write_refused(const std::string& path, const OrderFile& file, const OrderProgress& progress) {
  std::vector<RefusedLine> all = file.refused;
  all.insert(all.end(), progress.refused.begin(), progress.refused.end());
  std::ranges::sort(all, {}, &RefusedLine::number);
  std::string text = "line,dsim_id,reason\n";
  for (const RefusedLine& line : all) text += fmt::format("{},{},{}\n", line.number, csv_field(line.dsim_id), csv_field(line.reason));
  return write_file_atomic(path, as_bytes(text), 0644);
}

}  // namespace tf::cli

#include "factory/loader_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "net/local/stream.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::factory {
namespace {

constexpr std::string_view kType = "rki-loader-log";
constexpr std::size_t kMaxLog = 512 * 1024 * 1024;

std::string hash_of(std::string_view line) { return wire::hex_lower(crypto::sha256(as_bytes(line))); }

std::string payload_of(const LogEntry& entry, const std::string& previous) {
  wire::JsonWriter writer;
  writer.begin_object().member("number", entry.number).member("at_ms", entry.at_ms).member("batch", entry.batch);
  writer.member("dsn", entry.dsn.text()).member("certificate", entry.certificate);
  return writer.member("previous", previous).end_object().take();
}

Result<LogEntry> parse(std::string_view payload, std::int64_t number, const std::string& previous) {
  auto object = TF_TRY(wire::JsonObject::parse(payload));
  const std::string dsn = TF_TRY(object.text("dsn", 64));
  LogEntry entry{.number = 0, .at_ms = 0, .batch = {}, .dsn = TF_TRY(wire::Dsn::parse(dsn)), .certificate = {}};
  entry.number = TF_TRY(object.integer("number", 1, INT64_MAX));
  entry.at_ms = TF_TRY(object.integer("at_ms", 0, INT64_MAX));
  entry.batch = TF_TRY(object.text("batch", 64));
  entry.certificate = TF_TRY(object.text("certificate", 64));
  const std::string linked = TF_TRY(object.text("previous", 64));
  TF_CHECK(object.finish());
  if (entry.number != number || linked != previous)
    return Error{Code::integrity, "factory.log", "it does not follow the line before it"};
  return entry;
}

Status append_durably(const std::string& path, std::string_view line) {
  const net::Descriptor fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  const off_t before = fd.get() < 0 ? -1 : ::lseek(fd.get(), 0, SEEK_END);
  const bool ok = before >= 0 && ::write(fd.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                  ::fdatasync(fd.get()) == 0;
  if (ok) return {};
  const int why = errno;
  // What half arrived goes again, so that the next line begins at a line's beginning.
  if (before >= 0 && ::ftruncate(fd.get(), before) != 0)
    return Error{Code::integrity, "factory.log_write", path + ": a cut-off line could not be taken back: " + std::strerror(errno)};
  errno = why;
  return Error{Code::unavailable, "factory.log_write", path + ": " + std::strerror(errno)};
}

}  // namespace

Result<VerifiedLog> verify_log(std::string_view text, const crypto::PublicKey& key) {
  VerifiedLog out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const auto number = static_cast<std::int64_t>(out.entries.size()) + 1;
    const std::string_view line = text.substr(0, end);
    const auto payload = crypto::jws_verify_es256(key, kType, line);
    auto entry = payload ? parse(*payload, number, out.last_hash) : Result<LogEntry>(payload.error());
    if (!entry || end == std::string_view::npos)
      return Error{Code::integrity, "factory.log", fmt::format("line {}: {}", number, entry ? "it is cut off" : entry.error().detail)};
    out.entries.push_back(std::move(*entry));
    out.last_hash = hash_of(line);
    text.remove_prefix(end + 1);
  }
  return out;
}

Result<LoaderLog> LoaderLog::open(std::string path, const crypto::PublicKey& key) {
  LoaderLog log(std::move(path));
  if (!std::filesystem::exists(log.path_)) return log;
  Bytes text = TF_TRY(read_file(log.path_, kMaxLog));
  // A line that a crash cut off was never acknowledged to a device: it goes, what is before it stays.
  const std::string_view all = as_text(text);
  const std::size_t whole = all.rfind('\n') == std::string_view::npos ? 0 : all.rfind('\n') + 1;
  if (whole != all.size()) {
    text.resize(whole);
    TF_CHECK(write_file_atomic(log.path_, text, 0600));
  }
  auto verified = TF_TRY(verify_log(as_text(text), key));
  log.entries_ = std::move(verified.entries);
  for (const LogEntry& entry : log.entries_) log.known_.insert(entry.dsn.text());
  log.last_hash_ = std::move(verified.last_hash);
  return log;
}

Status LoaderLog::append(const crypto::PrivateKey& key, std::int64_t at_ms, std::string_view batch, const wire::Dsn& dsn,
                         std::string_view certificate) {
  LogEntry entry{static_cast<std::int64_t>(entries_.size()) + 1, at_ms, std::string(batch), dsn, std::string(certificate)};
  const std::string line = TF_TRY(crypto::jws_sign_es256(key, kType, payload_of(entry, last_hash_)));
  TF_CHECK(append_durably(path_, line + "\n"));
  known_.insert(dsn.text());
  entries_.push_back(std::move(entry));
  last_hash_ = hash_of(line);
  return {};
}

}  // namespace tf::factory

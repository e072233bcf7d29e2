#include "sms/spool.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "sms/message_json.hpp"

namespace tf::sms {
namespace {

Error unavailable(const std::string& path) {
  return {Code::unavailable, "sms.spool", path + ": " + std::generic_category().message(errno)};
}

}  // namespace

Spool::Spool(int descriptor, SpoolSettings settings, const Clock& clock)
    : descriptor_(descriptor), settings_(std::move(settings)), clock_(clock) {}

Spool::~Spool() { ::close(descriptor_); }

Result<std::unique_ptr<Sender>> Spool::open(SpoolSettings settings, const Clock& clock) {
  if (settings.path.empty()) return Error{Code::invalid, "sms.settings", "a spool has a path"};
  const int descriptor = ::open(settings.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return unavailable(settings.path);
  std::unique_ptr<Spool> made(new Spool(descriptor, std::move(settings), clock));
  // A file that was there before keeps no wider rights than a new one has.
  struct ::stat info {};
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode) || ::fchmod(descriptor, 0600) != 0)
    return Error{Code::unavailable, "sms.spool", made->settings_.path + ": not a file of ours"};
  return made;
}

Status Spool::write_line(std::string_view line) {
  const std::scoped_lock lock(mutex_);
  failed_ = true;
  const std::string text = (torn_ ? "\n" : "") + std::string(line) + "\n";
  for (std::size_t at = 0; at < text.size();) {
    const ::ssize_t written = ::write(descriptor_, text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return unavailable(settings_.path);
    torn_ = true;
    at += static_cast<std::size_t>(written);
  }
  torn_ = false;
  if (::fdatasync(descriptor_) != 0) return unavailable(settings_.path);
  failed_ = false;
  return {};
}

void Spool::send(Message message, Done done) {
  if (const Status fit = check(message); !fit) return done(fit.error());
  wire::JsonWriter json;
  json.begin_object().member("at", clock_.now_ms());
  write_message(json, message);
  json.end_object();
  if (const Status written = write_line(json.text()); !written) return done(written.error());
  done(Receipt{});
}

Status Spool::healthy() const {
  const std::scoped_lock lock(mutex_);
  if (!failed_) return {};
  return Error{Code::unavailable, "sms.spool", settings_.path};
}

}  // namespace tf::sms

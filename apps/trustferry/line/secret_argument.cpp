#include "apps/trustferry/line/secret_argument.hpp"

#include <unistd.h>

#include "base/file.hpp"
#include "wire/encoding.hpp"

namespace tf::cli {
namespace {

constexpr std::size_t kMaxSecret = 64 * 1024;

Result<SecretBytes> standard_input() {
  SecretBytes out(kMaxSecret + 1);
  std::size_t size = 0;
  while (size < out.size()) {
    const ssize_t got = ::read(STDIN_FILENO, out.reveal_mutable().data() + size, out.size() - size);
    if (got < 0) return Error{Code::unavailable, "cli.stdin", "standard input cannot be read"};
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMaxSecret) return Error{Code::malformed, "cli.secret", "standard input is larger than 64 KiB"};
  out.shorten(size);
  return out;
}

Result<SecretBytes> content_of(const std::string& argument) {
  SecretBytes out = argument == "-"             ? TF_TRY(standard_input())
                    : argument.starts_with('@') ? TF_TRY(read_secret_file(argument.substr(1), kMaxSecret))
                                                : SecretBytes(as_bytes(argument));
  std::size_t size = out.size();
  while (size > 0 && (out.reveal()[size - 1] == '\n' || out.reveal()[size - 1] == '\r' || out.reveal()[size - 1] == ' ' ||
                      out.reveal()[size - 1] == '\t'))
    --size;
  out.shorten(size);
  return out;
}

}  // namespace

Result<SecretBytes> secret_argument(const std::string& argument, std::string_view option) {
  const SecretBytes text = TF_TRY(content_of(argument));
  auto out = wire::secret_from_hex(as_text(text.reveal()));
  if (!out) return Error{Code::malformed, "cli.secret", std::string(option) + ": " + out.error().detail};
  return out;
}

Result<std::string> text_argument(const std::string& argument, std::string_view) {
  const SecretBytes text = TF_TRY(content_of(argument));
  return std::string(as_text(text.reveal()));
}

}  // namespace tf::cli

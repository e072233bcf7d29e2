#include "apps/trustferry/line/passphrase.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/file.hpp"

namespace tf::cli {
namespace {

constexpr std::size_t kMax = 1024;

SecretBytes first_line(SecretBytes text) {
  const ByteView bytes = text.reveal();
  std::size_t size = static_cast<std::size_t>(std::ranges::find(bytes, std::uint8_t{'\n'}) - bytes.begin());
  if (size > 0 && bytes[size - 1] == '\r') --size;
  text.shorten(size);
  return text;
}

Result<SecretBytes> read_descriptor(int fd) {
  SecretBytes text(kMax);
  std::size_t size = 0;
  while (size < kMax) {
    const ssize_t got = ::read(fd, text.reveal_mutable().data() + size, 1);
    if (got <= 0 || text.reveal()[size] == '\n') break;
    ++size;
  }
  text.shorten(size);
  return first_line(std::move(text));
}

// Echo is off as long as this lives.
class Silence {
 public:
  explicit Silence(int fd) : fd_(fd) {
    ::tcgetattr(fd_, &before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(fd_, TCSAFLUSH, &quiet);
  }
  ~Silence() { ::tcsetattr(fd_, TCSAFLUSH, &before_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  int fd_;
  termios before_{};
};

Result<SecretBytes> ask(int fd, const std::string& prompt) {
  ::dprintf(fd, "%s: ", prompt.c_str());
  auto out = [fd] {
    const Silence silence(fd);
    return read_descriptor(fd);
  }();
  ::dprintf(fd, "\n");
  return out;
}

}  // namespace

Result<SecretBytes> read_passphrase(const PassphraseSource& source) {
  if (source.file == "-") return read_descriptor(STDIN_FILENO);
  if (!source.file.empty()) return first_line(TF_TRY(read_secret_file(source.file, kMax)));
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (credentials != nullptr && !source.credential.empty()) {
    const std::string path = std::string(credentials) + "/" + source.credential;
    if (std::filesystem::exists(path)) return first_line(TF_TRY(read_secret_file(path, kMax)));
  }
  const int fd = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return Error{Code::invalid, "cli.no_passphrase", "no terminal to ask for \"" + source.prompt + "\"; give it with a passphrase file"};
  auto once = ask(fd, source.prompt);
  if (once && source.confirm) {
    const auto twice = ask(fd, source.prompt + " (again)");
    if (!twice || !(*once == *twice)) once = Error{Code::invalid, "cli.passphrase_differs", "the two entries differ"};
  }
  ::close(fd);
  return once;
}

void add_passphrase_cost(CLI::App& command, PassphraseCost& cost) {
  command.add_option("--passphrase-cost", cost.doublings, "memory that opening the vault takes, and each guess of its passphrase: 2^N KiB")
      ->check(CLI::Range(PassphraseCost::kLeast, PassphraseCost::kMost))->capture_default_str();
}

}  // namespace tf::cli

// bridge install, serve: between a browser's extension and the card reader of this machine (docs/browser.md).
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "apps/trustferry/line/child_process.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/system_ports.hpp"
#include "base/file.hpp"
#include "payment/money.hpp"
#include "pcsc/pcsclite.hpp"
#include "terminal/cardsign/bridge.hpp"

namespace tf::cli {
namespace {

constexpr const char* kExtension = "nhifbgnehamijphgfihpddakcklhpgof";  // of the "key" in web/extension/manifest.json

struct BridgeArgs {
  std::vector<std::string> origins, extensions;
  std::string root, manufacturers, platform = "trustferry";
  std::string directory;  // of host manifests
  std::string settings;   // of bridge.json
  std::vector<std::string> callers;
};

std::string home() {
  const char* value = std::getenv("HOME");
  return value == nullptr ? "" : value;
}
bool everybody() { return ::geteuid() == 0; }
std::string default_settings() { return everybody() ? "/etc/trustferry/bridge" : home() + "/.config/trustferry/bridge"; }
std::string default_manifests() { return everybody() ? "/etc/chromium/native-messaging-hosts" : home() + "/.config/chromium/NativeMessagingHosts"; }

Status make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return Error{Code::unavailable, "base.file_write", path + ": " + error.message()};
  return {};
}

// Within a shell's single quotes.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

Status run_install(const BridgeArgs& args, Context&) {
  if (args.origins.empty()) TF_CHECK(need("", "--origin"));
  TF_CHECK(need(args.root, "--root"));
  TF_CHECK(need(args.manufacturers, "--manufacturers"));
  std::vector<std::string> origins, extensions;
  for (const std::string& origin : args.origins) origins.push_back(TF_TRY(terminal::parse_origin(origin)));
  for (const std::string& id : args.extensions) extensions.push_back(TF_TRY(terminal::parse_extension(id)));
  if (extensions.empty()) extensions.emplace_back(kExtension);
  const terminal::BridgeSettings settings{
      std::move(extensions), std::move(origins),
      {TF_TRY(cardsign::parse_platform(args.platform)), TF_TRY(pki::Certificate::from_pem(as_text(TF_TRY(read_file(args.root, 64 * 1024))))),
       TF_TRY(pki::certificates_from_pem(as_text(TF_TRY(read_file(args.manufacturers, 256 * 1024)))))}};
  const std::string where = std::filesystem::absolute(args.settings.empty() ? default_settings() : args.settings).string();
  const std::string manifests = args.directory.empty() ? default_manifests() : args.directory;
  TF_CHECK(make_directory(where));
  TF_CHECK(make_directory(manifests));
  TF_CHECK(terminal::write_bridge_settings(where, settings));
  // A host manifest names a program without arguments.
  const std::string program = where + "/trustferry-bridge";
  const std::string script = "#!/bin/sh\nexec " + quoted(own_program()) + " bridge serve --settings " + quoted(where) + " \"$@\"\n";
  TF_CHECK(write_file_atomic(program, as_bytes(script), 0755));
  const std::string manifest = manifests + "/" + terminal::kBridgeName + ".json";
  TF_CHECK(write_file_atomic(manifest, as_bytes(terminal::host_manifest(settings, program)), 0644));
  Facts().add("settings", where + "/bridge.json").add("host manifest", manifest).add("extension", settings.extensions.front()).add("pages of", settings.origins.front()).print();
  return {};
}

// Held as long as the descriptor is open, whatever becomes of this process.
Result<std::shared_ptr<void>> lock() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  const std::string path = (runtime != nullptr ? std::string(runtime) : "/tmp") + "/trustferry-bridge-" + std::to_string(::getuid()) + ".lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  struct stat facts{};
  if (fd < 0 || ::fstat(fd, &facts) != 0 || facts.st_uid != ::getuid()) {
    if (fd >= 0) ::close(fd);
    return Error{Code::unavailable, "bridge.lock", path + " cannot be opened"};
  }
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return Error{Code::conflict, "bridge.busy", "another browser has the card"};
  }
  return std::shared_ptr<void>(nullptr, [fd](void*) { ::close(fd); });
}

// False at the end before the first octet.
Result<bool> read_all(MutableByteView out) {
  for (std::size_t done = 0; done < out.size();) {
    const ssize_t got = ::read(STDIN_FILENO, out.data() + done, out.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 && done == 0) return false;
    if (got <= 0) return Error{Code::malformed, "bridge.cut", "the browser's message is cut off"};
    done += static_cast<std::size_t>(got);
  }
  return true;
}

Status write_all(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return Error{Code::unavailable, "bridge.closed", "the browser has gone"};
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

Status run_serve(const BridgeArgs& args, Context&) {
  auto settings = TF_TRY(terminal::read_bridge_settings(args.settings.empty() ? default_settings() : args.settings));
  TF_CHECK(terminal::check_caller(settings, args.callers.empty() ? "" : args.callers.front()));
  pcsc::Pcsclite library;
  const auto money = [](std::uint64_t amount, const std::string& currency) {
    return payment::format_money({.minor = static_cast<std::int64_t>(amount), .currency = currency});
  };
  terminal::Bridge bridge(std::move(settings), {.clock = system_clock, .library = library, .money = money, .lock = lock});
  for (;;) {
    const SecretBytes message = TF_TRY(terminal::read_native_message(read_all));
    if (message.empty()) return {};
    TF_CHECK(write_all(TF_TRY(terminal::native_frame(bridge.answer(message)))));
  }
}

}  // namespace

void add_bridge(CommandLine& line) {
  static BridgeArgs args;
  CLI::App& group = line.group(line.root(), "bridge", "Between a browser's pages and the card reader of this machine.");
  CLI::App& install = line.command(group, "install", "Lets pages of an origin use the card: writes the settings and the browser's host manifest.",
                                   "trustferry bridge install --origin https://pay.example --root root.crt --manufacturers manufacturers.crt",
                                   [](Context& context) { return run_install(args, context); });
  install.add_option("--origin", args.origins, "of the platform's pages, https://host[:port]; may be given again");
  install.add_option("--root", args.root, "the platform's root certificate (PEM)");
  install.add_option("--manufacturers", args.manufacturers, "root certificates of the cards' manufacturers (PEM)");
  install.add_option("--platform", args.platform, "the platform's name")->capture_default_str();
  install.add_option("--extension", args.extensions, "id of the browser extension; otherwise that of web/extension");
  install.add_option("--directory", args.directory, "the browser's folder of host manifests; otherwise Chromium's, for root of all users");
  CLI::App& serve = line.command(group, "serve", "What the browser starts; speaks native messages on standard input and output.",
                                 std::string("trustferry bridge serve chrome-extension://") + kExtension + "/", [](Context& context) { return run_serve(args, context); });
  serve.add_option("CALLER", args.callers, "the extension that starts it, as the browser says");
  for (CLI::App* app : {&install, &serve}) app->add_option("--settings", args.settings, "folder of bridge.json; otherwise ~/.config/trustferry/bridge, for root /etc/trustferry/bridge");
}

}  // namespace tf::cli

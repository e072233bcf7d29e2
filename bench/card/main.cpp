// bench_card PROGRAM DIRECTORY: round trips and RSA signatures a second, through pcscd and vpcd with the card in another process, and of the same card in
// this one. Prints three numbers: APDU round trips, signatures through the reader, signatures in process.
#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "apdu/tlv.hpp"
#include "card/memory/volatile_storage.hpp"
#include "card/piv/names.hpp"
#include "card/software_card.hpp"
#include "pcsc/channel.hpp"
#include "pcsc/pcsclite.hpp"
#include "pki/issue.hpp"

extern char** environ;

namespace tf::bench {
namespace {

using apdu::CommandApdu;
constexpr int kRounds = 5;

void write_to(const char* path, const std::string& text) { std::ofstream(path) << text; }

// vpcd binds all addresses, and pcscd's socket is fixed below /run.
bool enter_namespaces() {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  if (::unshare((uid == 0 ? 0 : CLONE_NEWUSER) | CLONE_NEWNET | CLONE_NEWNS) != 0) return false;
  if (uid != 0) {
    write_to("/proc/self/setgroups", "deny");
    write_to("/proc/self/uid_map", fmt::format("0 {} 1", uid));
    write_to("/proc/self/gid_map", fmt::format("0 {} 1", gid));
  }
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool up = ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  ::close(fd);
  return up && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 && ::mount("none", "/run", "tmpfs", 0, nullptr) == 0 && ::mkdir("/run/pcscd", 0755) == 0;
}

// Client, pcscd and card take turns, never two at once. On one processor a turn is a switch; from one processor to another it is the wake-up of one that
// sleeps, which costs more than the command (on two virtual processors 4,000 to 6,000 a second instead of 11,000 to 15,000, of a client and a card that do
// nothing but answer as of ours). What is started inherits it.
void stay_on_one_processor() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  int last = -1;
  for (int each = 0; each < CPU_SETSIZE; ++each)
    if (CPU_ISSET(each, &allowed)) last = each;
  if (last < 0) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(last, &one);
  (void)::sched_setaffinity(0, sizeof one, &one);
}

class Running {
 public:
  explicit Running(const std::vector<std::string>& words) {
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0) pid_ = -1;
    posix_spawn_file_actions_destroy(&actions);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_ = -1;
};

template <class F>
double per_second(int count, F&& call) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) call();
  return count / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Ends the program by way of the destructors: pcscd and the card end with it.
[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }
template <class T>
T need(Result<T> result, const char* what) {
  if (!result) fail(fmt::format("{}: {}", what, describe(result.error())));
  return std::move(*result);
}

const Bytes kDiscovery{0x00, 0xCB, 0x3F, 0xFF, 0x03, 0x5C, 0x01, 0x7E, 0x00};

// PIN, once.
void prepare(apdu::Channel& channel) {
  need(apdu::exchange_ok(channel, {.ins = 0xA4, .p1 = 4, .data = to_bytes(card::piv::kAid), .le = 256}), "SELECT");
  need(apdu::exchange_ok(channel, {.ins = 0x20, .p2 = 0x80, .data = to_bytes(card::padded_pin("123456").reveal())}), "VERIFY");
}

Bytes signing() {
  CommandApdu command{.ins = 0x87, .p1 = card::piv::kRsa2048, .p2 = 0x9A, .le = 65536, .extended = true};
  command.data = apdu::tlv(0x7C, apdu::TlvWriter().put(0x82, ByteView()).put(0x81, Bytes(256, 0x11)).bytes());
  return need(command.encode(), "a command");
}

void sign(apdu::Channel& channel, const Bytes& command) {
  const Bytes answer = need(channel.transmit(command), "GENERAL AUTHENTICATE");
  if (answer.size() < 250) fail("the card did not sign");
}

// With a key of RSA-2048 in 9A.
void add_key(card::SoftwareCard& made) {
  if (!made.services().keys.generate({std::string(card::piv::kContainer), 0x9A}, card::piv::facts_of_reference(0x9A, card::Algorithm::rsa2048))) fail("a key");
}

card::Plan plan(Random& random) {
  card::Plan out = card::default_plan("BENCH");
  card::fill_in(out, random);
  return out;
}

int run(const std::string& program, const std::string& directory) {
  if (!enter_namespaces()) fail("namespaces for network and mounts are needed");
  stay_on_one_processor();
  SystemRandom random;
  const std::int64_t now_ms = SystemClock().now_ms();
  const crypto::PrivateKey root = crypto::PrivateKey::generate_p256();
  const pki::Issuer manufacturer{need(pki::make_root("bench", root, {now_ms, 30}, random), "a root"), root};
  add_key(*need(card::SoftwareCard::create(directory + "/card", plan(random), manufacturer, now_ms, random), "a card"));
  card::VolatileStorage storage;
  const auto here = need(card::SoftwareCard::create_over(storage, plan(random), manufacturer, now_ms, random), "a card");
  add_key(*here);
  here->card().power_on();

  std::filesystem::create_directories(directory + "/readers");
  write_to((directory + "/readers/vpcd").c_str(), "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:0x8C7B\nLIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so\nCHANNELID 0x8C7B\n");
  const Running pcscd({"pcscd", "-f", "--error", "-c", directory + "/readers"});
  const Running serving({program, "card", "serve", "--directory", directory + "/card"});
  pcsc::Pcsclite library;
  // pcscd is not there yet either.
  auto found = pcsc::find_card(library, "");
  for (int i = 0; !found && i < 300; ++i) {
    ::usleep(100'000);
    found = pcsc::find_card(library, "");
  }
  const pcsc::Reader reader = need(std::move(found), "pcscd with vpcd, and the card in it");
  const auto channel = need(pcsc::PcscChannel::open(library, reader.name), "the reader");
  card::InProcessChannel direct(here->card());
  prepare(*channel);
  prepare(direct);
  const Bytes command = signing();
  double apdus = 0, signatures = 0, in_process = 0;
  for (int round = 0; round < kRounds; ++round) {
    apdus = std::max(apdus, per_second(10'000, [&] { (void)need(channel->transmit(kDiscovery), "GET DATA"); }));
    signatures = std::max(signatures, per_second(1'500, [&] { sign(*channel, command); }));
    in_process = std::max(in_process, per_second(1'500, [&] { sign(direct, command); }));
  }
  fmt::print("{:.0f} {:.0f} {:.0f}\n", apdus, signatures, in_process);
  return 0;
}

}  // namespace
}  // namespace tf::bench

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    return tf::bench::run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_card: {}\n", error.what());
    return 1;
  }
}

#include "tests/module/swtpm.hpp"

#include <signal.h>

#include "tests/support/local.hpp"

namespace tf::module::test {
namespace {

// The TSS expects the control channel one port above the commands'.
std::uint16_t free_pair() {
  std::uint16_t before = tf::test::free_port();
  for (int i = 0; i < 1000; ++i) {
    const std::uint16_t next = tf::test::free_port();
    if (next == before + 1) return before;
    before = next;
  }
  std::abort();
}

}  // namespace

SwTpm::SwTpm() { start(); }

std::string SwTpm::tcti() const { return "swtpm:host=127.0.0.1,port=" + std::to_string(port_); }

// The control channel listens before the commands' port does, and another program may have taken either in between: a TPM is there when it answers a command.
void SwTpm::start() {
  const auto ended_or_answers = [this] { return !process_->running() || tool({"tpm2_getcap", "properties-fixed"}).exit_code == 0; };
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_pair();
    const std::string address = ",bindaddr=127.0.0.1,port=";
    process_ = std::make_unique<tf::test::Process>(tf::test::Process::start(
        {"swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + directory_.path(), "--server", "type=tcp" + address + std::to_string(port_), "--ctrl",
         "type=tcp" + address + std::to_string(port_ + 1), "--flags", "not-need-init,startup-clear"},
        directory_.path() + "/log"));
    if (tf::test::eventually(ended_or_answers) && process_->running()) return;
  }
  log::error("swtpm does not start: " + tf::test::read_text(directory_.path() + "/log"));
  std::abort();
}

void SwTpm::stop() {
  process_->send(SIGKILL);
  (void)process_->wait();
  process_.reset();
}

tf::test::Finished SwTpm::tool(std::vector<std::string> words) const { return tf::test::run(words, "", {.environment = {{"TPM2TOOLS_TCTI", tcti()}}}); }

SwTpm& shared_tpm() {
  static SwTpm tpm;
  return tpm;
}

}  // namespace tf::module::test

#include "tests/pki_e2e/scene.hpp"

#include <signal.h>

#include <filesystem>
#include <stdexcept>

namespace tf::test {
namespace fs = std::filesystem;
namespace {

Finished must(Finished done, const std::string& what) {
  if (done.exit_code != 0) throw std::runtime_error(what + ": " + done.err + done.out);
  return done;
}

}  // namespace

PkiScene& PkiScene::get() {
  static PkiScene scene;
  return scene;
}

PkiScene::PkiScene()
    : directory_((fs::path(TRUSTFERRY_BINARY_DIR) / "pki_e2e").string()), port_(free_port()), admin_port_(free_port()), public_port_(free_port()) {
  fs::remove_all(directory_);
  fs::create_directories(directory_);
  write_text(in("passphrase"), "a passphrase of the vault, long enough\n");
  must(trustferry({"init", "--passphrase-cost", "14", "--directory", platform(), "--root-key", in("offline/root.key"), "--range", "TF000000..TF999999", "--port", std::to_string(port_),
                   "--admin-port", std::to_string(admin_port_), "--public-port", std::to_string(public_port_), "--passphrase-file", in("passphrase"),
                   "--root-passphrase-file", in("passphrase")}),
       "init");
  serve();
}

PkiScene::~PkiScene() { stop(); }

void PkiScene::serve() {
  if (server_ && server_->running()) return;
  server_ = std::make_unique<Process>(Process::start({trustferry_program(), "serve", "--directory", platform(), "--passphrase-file", in("passphrase")}, in("server.log")));
  const auto up = [&] { return curl({.url = public_url() + "/ca/users.crt", .method = "GET", .root = {}}).status == 200; };
  if (!eventually([&] { return !server_->running() || up(); }) || !server_->running()) throw std::runtime_error("the server did not come up: " + log());
}

int PkiScene::stop() {
  if (!server_) return -1;
  server_->send(SIGTERM);
  const int code = server_->wait();
  server_.reset();
  return code;
}

void PkiScene::kill_server() { server_.reset(); }

void PkiScene::csr(const std::string& name, const std::string& kind) {
  std::vector<std::string> command{"openssl", "req", "-new", "-nodes", "-keyout", in(name + ".key"), "-out", in(name + ".csr"), "-subj", "/CN=nobody looks at this"};
  // RSA requests are signed with PSS here as elsewhere in the house.
  if (kind == "RSA")
    command.insert(command.end(), {"-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"});
  else
    command.insert(command.end(), {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"});
  must(run(command), "openssl req");
}

Finished PkiScene::pki(std::vector<std::string> words) {
  words.insert(words.begin(), "pki");
  words.insert(words.end(), {"--directory", platform()});
  return trustferry(words);
}

wire::JsonObject PkiScene::ask(std::vector<std::string> words) {
  words.emplace_back("--json");
  return json_of(must(pki(words), "pki " + words[0]).out);
}

std::string PkiScene::issue(const std::string& name, const std::string& profile, const std::string& subject, const std::string& holder, std::vector<std::string> more) {
  std::vector<std::string> words{"issue", "--profile", profile, "--csr", in(name + ".csr"), "--subject", subject, "--holder", holder, "--out", in(name + ".crt")};
  words.insert(words.end(), more.begin(), more.end());
  return ask(words).text("serial").value();
}

Finished PkiScene::verify(const std::string& name, const std::string& authority, std::vector<std::string> more) {
  must(pki({"crl", authority, "--out", in(authority + ".crl")}), "pki crl");
  std::vector<std::string> command{"openssl", "verify", "-x509_strict", "-crl_check", "-CAfile", root(), "-untrusted", in(name + ".crt"), "-CRLfile", in(authority + ".crl")};
  command.insert(command.end(), more.begin(), more.end());
  command.push_back(in(name + ".crt"));
  return run(command);
}

std::string PkiScene::fetch(const std::string& path, int expected) {
  const CurlAnswer answer = curl({.url = public_url() + path, .method = "GET", .root = {}});
  EXPECT_EQ(answer.status, expected) << path << ": " << answer.body;
  return answer.body;
}

}  // namespace tf::test

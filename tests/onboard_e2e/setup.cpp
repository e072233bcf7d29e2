// How the servers come to be: as docs/onboard-deployment.md says, by commands alone.
#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "tests/onboard_e2e/scene.hpp"

namespace tf::test {
namespace fs = std::filesystem;
namespace {

const ServerOrder kServers[] = {{"reg-1", "registration"},
                                {"reg-2", "registration", {}, {"--open"}},
                                {"phlr-1", "phlr"},
                                {"cred-1", "credentialing", "op-1"},
                                {"cred-2", "credentialing", "op-2"},
                                {"hss-1", "hss", "op-1"},
                                {"hss-2", "hss", "op-2", {"--osmo", "127.0.0.1", "--imsi-prefix", "00102"}},
                                {"prov-1", "provisioning", {}, {"--server-id", "prov-1"}},
                                {"contract-1", "contract", "op-1"},
                                {"contract-2", "contract", "op-2"}};
constexpr const char* kResponders[] = {"ocsp-1", "ocsp-2"};

void succeeded(const Finished& done, const std::string& what) {
  if (done.exit_code != 0) throw std::runtime_error(what + ": " + done.err + done.out);
}

}  // namespace

OnboardScene& OnboardScene::get() {
  static OnboardScene scene;
  return scene;
}

OnboardScene::OnboardScene() : directory_((fs::path(TRUSTFERRY_BINARY_DIR) / "onboard_e2e").string()) {
  fs::remove_all(directory_);
  fs::create_directories(in("devices"));
  write_text(in("passphrase"), "a passphrase of the vault, long enough\n");
  for (const char* name : {"platform", "admin", "public", "ocsp-1", "ocsp-2", "carrier"}) ports_[name] = free_port();
  for (const ServerOrder& order : kServers) ports_[order.name] = free_port(), roles_[order.name] = order.role;
  init_platform();
  for (const char* name : kResponders) make_responder(name);
  for (const ServerOrder& order : kServers) make_server(order);
  // A carrier of the tests' own: a provisioning server whose key they have. It runs where a test starts it.
  certificate("carrier", "onboard-server", "commonName=localhost", "P-256", {"--alt", "dns:localhost"});
  introduce();
  for (const char* name : kResponders) begin(name);
  for (const ServerOrder& order : kServers) begin(order.name);
  for (const auto& [name, process] : processes_) wait_ready(name);
}

OnboardScene::~OnboardScene() {
  for (auto& [name, process] : processes_) process->send(SIGCONT), process->send(SIGTERM);
  for (auto& [name, process] : processes_) process->wait();
}

void OnboardScene::init_platform() {
  succeeded(trustferry({"init", "--passphrase-cost", "14", "--directory", platform(), "--root-key", in("offline/root.key"), "--range", "TF000000..TF999999", "--port", std::to_string(ports_["platform"]), "--admin-port",
                   std::to_string(ports_["admin"]), "--public-port", std::to_string(ports_["public"]), "--passphrase-file", in("passphrase"), "--root-passphrase-file", in("passphrase")}),
       "init");
  for (const char* authority : {"modules", "onboard"})
    write_text(fmt::format("{}/profiles/ocsp-signer-{}.toml", platform(), authority),
               fmt::format("name = \"ocsp-signer-{0}\"\npurpose = \"ocsp-signer\"\nauthority = \"{0}\"\nvalidity_days_max = 30\n[key]\nkinds = [\"P-256\"]\nusage = [\"digitalSignature\"]\n"
                           "extended_usage = [\"OCSPSigning\"]\n[subject]\nrequired = [\"commonName\"]\n", authority));
  processes_["platform"] = std::make_unique<Process>(Process::start({trustferry_program(), "serve", "--directory", platform(), "--passphrase-file", in("passphrase")}, in("platform.log")));
  wait_ready("platform");
}

std::string OnboardScene::issue(const std::string& csr, const std::string& profile, const std::string& subject, const std::string& out, const std::vector<std::string>& more) {
  std::vector<std::string> words{"pki", "issue", "--profile", profile, "--csr", csr, "--subject", subject, "--holder", "onboard:" + fs::path(out).stem().string(), "--out", out, "--directory", platform()};
  words.insert(words.end(), more.begin(), more.end());
  return ask(words).text("serial").value();
}

void OnboardScene::certificate(const std::string& name, const std::string& profile, const std::string& subject, const std::string& key, const std::vector<std::string>& more) {
  std::vector<std::string> command{"openssl", "req", "-new", "-nodes", "-keyout", in(name + ".key"), "-out", in(name + ".csr"), "-subj", "/CN=nobody looks at this"};
  if (key == "RSA") command.insert(command.end(), {"-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"});
  else command.insert(command.end(), {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"});
  succeeded(run(command), "openssl req");
  issue(in(name + ".csr"), profile, subject, in(name + ".crt"), more);
}

void OnboardScene::make_server(const ServerOrder& order) {
  std::vector<std::string> words{"onboard", "init", "--passphrase-cost", "14", "--directory", in(order.name), "--role", order.role, "--name", order.name, "--listen", "127.0.0.1:" + std::to_string(ports_[order.name]),
                                 "--root", root(), "--passphrase-file", in("passphrase")};
  if (!order.operator_id.empty()) words.insert(words.end(), {"--operator", order.operator_id});
  words.insert(words.end(), order.more.begin(), order.more.end());
  if (order.role == "phlr") {
    words.insert(words.end(), {"--socket", "auc.sock"});
    for (const ServerOrder& other : kServers) words.insert(words.end(), {"--token-host", "localhost:" + std::to_string(ports_[other.name])});
    for (const char* responder : kResponders) words.insert(words.end(), {"--token-host", "127.0.0.1:" + std::to_string(ports_[responder])});
  }
  auto made = ask(words);
  std::vector<std::string> install{"onboard", "install", "--directory", in(order.name)};
  for (auto& request : made.objects("requests", 8).value()) {
    const std::string key = request.text("key").value();
    const std::string out = in(order.name + "-" + key + ".crt");
    issue(request.text("csr").value(), request.text("profile").value(), "commonName=" + request.text("subject").value(), out,
          key == "tls" ? std::vector<std::string>{"--alt", "dns:localhost"} : std::vector<std::string>{});
    install.push_back(out);
  }
  ask(install);
  if (order.role != "contract") edit(order.name, "answer_seconds = 5", "answer_seconds = 2");  // a contract front end waits while others wait
}

void OnboardScene::make_responder(const std::string& name) {
  for (const char* authority : {"modules", "onboard"}) {
    const std::string stem = in(name + "-" + authority), ca = in(std::string(authority) + "-ca.pem");
    if (!fs::exists(ca)) {
      const std::string at = fmt::format("http://127.0.0.1:{}/ca/{}.crt", ports_["public"], authority);
      succeeded(run({"curl", "-sf", "-o", ca + ".der", at}), "curl");
      succeeded(run({"openssl", "x509", "-inform", "DER", "-in", ca + ".der", "-out", ca}), "openssl x509");
    }
    succeeded(trustferry({"ocsp", "request", authority, "--out", stem + ".csr", "--directory", in(name)}), "ocsp request");
    issue(stem + ".csr", std::string("ocsp-signer-") + authority, "commonName=" + name + " for " + authority, stem + ".crt");
    succeeded(trustferry({"ocsp", "install", authority, "--certificate", stem + ".crt", "--ca", ca, "--lists", fmt::format("http://127.0.0.1:{}/crl/{}/{{shard}}.crl", ports_["public"], authority), "--shards", "64",
                     "--directory", in(name)}),
         "ocsp install");
  }
  write_text(in(name) + "/ocsp.toml", fmt::format("listen = \"127.0.0.1:{}\"\nrefresh_seconds = 1\n", ports_[name]));
}

void OnboardScene::edit(const std::string& server, const std::string& from, const std::string& to) const {
  const std::string path = in(server) + "/onboard.toml";
  std::string text = read_text(path);
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error(path + " has no " + from);
  write_text(path, text.replace(at, from.size(), to));
}

void OnboardScene::peer(const std::string& at, const std::string& role, const std::string& name, const std::vector<std::string>& more) const {
  std::vector<std::string> words{"onboard", "peer", "--directory", in(at), "--role", role, "--name", name};
  words.insert(words.end(), more.begin(), more.end());
  ask(words);
}

// Who is told about whom.
void OnboardScene::introduce() {
  const auto tls = [&](const std::string& server) { return in(server) + "/certificates/tls.crt"; };
  for (const std::string& server : servers()) peer(server, "staff", "operator", {"--certificate", platform() + "/operators/operator.crt"});
  for (const char* number : {"1", "2"}) {
    const std::string op = std::string("op-") + number, cred = std::string("cred-") + number, hss = std::string("hss-") + number, contract = std::string("contract-") + number;
    for (const char* registration : {"reg-1", "reg-2"}) {
      peer(registration, "credentialing", cred, {"--operator", op, "--certificate", tls(cred)});
      peer(cred, "registration", registration, {"--url", url(registration), "--certificate", tls(registration)});
    }
    for (const char* responder : kResponders) peer(cred, "ocsp", responder, {"--url", url(responder)});
    peer(cred, "hss", hss, {"--url", url(hss), "--certificate", tls(hss)});
    peer(cred, "contract", contract, {"--operator", op, "--certificate", tls(contract)});
    peer(cred, "provisioning", "prov-1", {"--url", url("prov-1"), "--certificate", tls("prov-1")});
    peer(cred, "provisioning", "carrier", {"--url", url("carrier"), "--certificate", in("carrier.crt")});
    peer(hss, "credentialing", cred, {"--operator", op, "--certificate", tls(cred)});
    peer("prov-1", "credentialing", cred, {"--url", url(cred), "--certificate", tls(cred)});
    peer(contract, "credentialing", cred, {"--url", url(cred), "--operator", op, "--certificate", tls(cred)});
  }
  // op-2 says with each delivery where its HSS is.
  write_text(in("authenticate.json"), wire::JsonWriter().begin_object().member("url", url("hss-2")).member("realm", "hss").end_object().take());
  const std::string path = in("cred-2/onboard.toml");
  write_text(path, read_text(path) + "\n[[credentialing.item]]\nname = \"authenticate\"\ntype = \"application/json\"\nfile = \"" + in("authenticate.json") + "\"\n");
}

}  // namespace tf::test

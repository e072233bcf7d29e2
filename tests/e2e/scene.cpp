#include "tests/e2e/scene.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "crypto/storage_key.hpp"

namespace tf::test {
namespace {

namespace fs = std::filesystem;

void must(const Finished& done, const std::string& what) {
  if (done.exit_code != 0) throw std::runtime_error(fmt::format("{}: exit code {}, {}", what, done.exit_code, done.err));
}

std::vector<std::string> serials(int first, int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back(fmt::format("TF{:06}", first + i));
  return out;
}

}  // namespace

std::int64_t retries_in(const std::string& log_file) {
  const std::string text = read_text(log_file);  // the report is the one line of JSON among those of the progress bar
  const std::size_t begin = text.rfind("{\"terminals\"");
  return json_of(text.substr(begin, text.find('\n', begin) + 1 - begin)).integer("retries", 0, INT64_MAX).value();
}

std::vector<std::string> Fleet::all() const {
  std::vector<std::string> out = modern;
  out.insert(out.end(), classic.begin(), classic.end());
  return out;
}

std::string Fleet::where() const {
  std::string out = "dsn IN (";
  for (const std::string& serial : all()) out += "'" + serial + "',";
  out.back() = ')';
  return out;
}

terminal::DeviceFiles Fleet::files() const {
  static SystemRandom random;
  return {directory, crypto::storage_key_from_file(directory, random).value(), random, false};
}

terminal::Device Fleet::device(const std::string& serial) const { return files().load(wire::Dsn::parse(serial).value()).value(); }

Scene& Scene::get() {
  static Scene scene;
  return scene;
}

Scene::Scene() : port_(free_port()), admin_port_(free_port()) {
  const fs::path parent = fs::path(TRUSTFERRY_BINARY_DIR) / "e2e";
  fs::remove_all(parent);
  directory_ = parent.string();
  fs::create_directories(directory_);
  make_platform();
  serve();
  make_loader();
}

void Scene::make_platform() {
  write_text(passphrase_file(), "a passphrase of the vault, long enough\n");
  write_text(in("root-passphrase"), "another passphrase, of the offline root\n");
  must(trustferry({"init", "--passphrase-cost", "14", "--directory", platform(), "--root-key", in("offline/root.key"), "--range", "TF000000..TF999999", "--port",
                   std::to_string(port_), "--admin-port", std::to_string(admin_port_), "--passphrase-file", passphrase_file(),
                   "--root-passphrase-file", in("root-passphrase")}),
       "init");
}

void Scene::make_loader() {
  must(trustferry({"loader", "init", "--directory", in("loader"), "--name", "LOADER1", "--root", platform() + "/root.crt"}), "loader init");
  const std::pair<std::string, std::string> batches[] = {{"modern", "TF000000..TF004999"}, {"classic", "TF005000..TF009999"}};
  for (const auto& [suite, range] : batches) {
    must(on_platform({"batch", "issue", suite, "--range", range, "--suites", suite, "--loader", in("loader/request.json"), "--out", in(suite + ".package")}), "batch issue");
    must(trustferry({"loader", "receive", in(suite + ".package"), "--directory", in("loader")}), "loader receive");
  }
  loader_ = std::make_unique<Process>(
      Process::start({trustferry_program(), "loader", "serve", "--directory", in("loader"), "--socket", in("cable")}, in("loader.log")));
  if (!eventually([&] { return fs::exists(in("cable")); })) throw std::runtime_error("the loader did not come up");
}

bool Scene::ready() const {
  return curl({.url = url() + "/readyz", .method = "GET", .root = platform() + "/root.crt"}).status == 200;
}

void Scene::serve() {
  if (server_ && server_->running()) return;
  server_ = std::make_unique<Process>(Process::start(
      {trustferry_program(), "serve", "--directory", platform(), "--passphrase-file", passphrase_file()}, server_log()));
  if (!eventually([&] { return !server_->running() || ready(); }) || !server_->running())
    throw std::runtime_error("the server did not come up: " + read_text(server_log()));
}

int Scene::stop() {
  if (!server_) return -1;
  server_->send(SIGTERM);
  const int code = server_->wait();
  server_.reset();
  return code;
}

void Scene::kill_server() { server_.reset(); }

Finished Scene::on_platform(std::vector<std::string> words) const {
  words.insert(words.end(), {"--directory", platform()});
  return trustferry(std::move(words));
}

wire::JsonObject Scene::ask(std::vector<std::string> words) const {
  words.emplace_back("--json");
  const Finished done = on_platform(words);
  must(done, words[0] + " " + words[1]);
  return json_of(done.out);
}

CurlAnswer Scene::post(const std::string& path, std::string_view body, const std::string& content_type) const {
  return curl({.url = url() + path, .root = platform() + "/root.crt", .content_type = content_type}, body);
}

CurlAnswer Scene::admin(const std::string& method, const std::string& path, const std::string& as, std::string_view body) const {
  const std::string operators = platform() + "/operators/" + as;
  return curl({.url = admin_url() + path, .method = method, .root = platform() + "/root.crt", .certificate = operators + ".crt", .key = operators + ".key"}, body);
}

void Scene::import(const std::vector<std::string>& serials, const std::string& suite) const {
  std::string csv = "serial,model,group,suites\n";
  for (const std::string& serial : serials) csv += fmt::format("{},M1,shops,{}\n", serial, suite);
  write_text(in("estate.csv"), csv);
  must(on_platform({"estate", "import", in("estate.csv")}), "estate import");
}

Fleet Scene::fleet(int modern, int classic) {
  Fleet out{in(fmt::format("fleet{}", fleets_++)), serials(modern_next_, modern), serials(5000 + classic_next_, classic)};
  modern_next_ += modern;
  classic_next_ += classic;
  const std::pair<std::string, std::vector<std::string>> halves[] = {{"modern", out.modern}, {"classic", out.classic}};
  for (const auto& [suite, half] : halves) {
    if (half.empty()) continue;
    import(half, suite);
    must(trustferry({"fleet", "personalise", "--directory", out.directory, "--range", half.front() + ".." + half.back(), "--socket", in("cable")}), "fleet personalise");
  }
  return out;
}

std::vector<std::string> Scene::download_command(const Fleet& fleet) const {
  return {"fleet", "download", "--directory", fleet.directory, "--url", url(), "--json"};
}

Finished Scene::download(const Fleet& fleet, std::vector<std::string> more) const {
  auto words = download_command(fleet);
  words.insert(words.end(), more.begin(), more.end());
  return trustferry(words);
}

void Scene::expect_sound_audit() const { EXPECT_TRUE(ask({"audit", "verify"}).boolean("sound").value()); }

void Scene::expect_complete(const Fleet& fleet) const {
  std::vector<SqlRow> devices;
  for (const std::string& serial : fleet.all()) {
    const auto device = fleet.device(serial);
    EXPECT_TRUE(device.complete()) << serial;
    for (const auto& key : device.keys) devices.push_back({serial, std::string(name_of(key.slot)), std::to_string(key.set), key.kcv, key.confirmed ? "active" : "delivered"});
  }
  std::ranges::sort(devices);
  auto keys = sql_rows(database(), "SELECT dsn, slot, set_no, kcv, status FROM rki_keys WHERE " + fleet.where());
  std::ranges::sort(keys);
  EXPECT_EQ(keys, devices);
  EXPECT_EQ(keys.size(), static_cast<std::size_t>(fleet.size()) * 4);
  for (const SqlRow& key : keys) {
    EXPECT_EQ(key[2], "1") << key[0] << " has two sets";
    EXPECT_EQ(key[4], "active") << key[0];
  }
}

}  // namespace tf::test

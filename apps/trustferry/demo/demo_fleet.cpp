#include "apps/trustferry/demo/demo_fleet.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "apps/trustferry/line/child_process.hpp"
#include "base/file.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

namespace fs = std::filesystem;

std::string serial(std::int64_t number) { return fmt::format("TF{:06}", number); }

}  // namespace

Result<std::string> FleetDemo::run() const {
  TF_CHECK(fill_estate());
  TF_CHECK(personalise());
  return download();
}

Result<std::string> FleetDemo::trustferry(std::vector<std::string> words) const {
  words.insert(words.begin(), scene_.program);
  words.emplace_back("--json");
  return ChildProcess::capture(words, in("last.json"));
}

// The first half modern, the second half classic.
Status FleetDemo::fill_estate() const {
  std::string csv = "serial,model,group,suites\n";
  for (std::int64_t i = 0; i < scene_.terminals; ++i)
    csv += fmt::format("{},TF-{},{},{}\n", serial(i), i < half() ? "M1" : "C1", i < half() ? "new" : "field", i < half() ? "modern" : "classic");
  TF_CHECK(write_file_atomic(in("estate.csv"), as_bytes(csv), 0644));
  scene_.say(fmt::format("importing an estate of {} terminals", scene_.terminals));
  TF_TRY(scene_.on_platform({"estate", "import", in("estate.csv")}));
  return {};
}

Status FleetDemo::batch(const std::string& name, std::int64_t first, std::int64_t last, const std::string& suites) const {
  if (last < first) return {};
  const std::string package = in(name + ".package");
  auto known = TF_TRY(wire::JsonObject::parse(TF_TRY(scene_.on_platform({"batch", "list"})), {.size = 1024 * 1024}));
  for (auto& each : TF_TRY(known.objects("batches", 1000)))
    if (TF_TRY(each.text("batch")) == name) return {};
  TF_TRY(scene_.on_platform({"batch", "issue", name, "--range", serial(first) + ".." + serial(last), "--suites", suites, "--loader",
                      in("loader/request.json"), "--out", package}));
  return {};
}

Status FleetDemo::personalise() const {
  if (!fs::exists(in("loader/loader.keys"))) {
    scene_.say("making the factory loader");
    TF_TRY(trustferry({"loader", "init", "--directory", in("loader"), "--name", "LOADER-1", "--root", scene_.platform + "/root.crt"}));
  }
  TF_CHECK(batch("modern", 0, half() - 1, "modern"));
  TF_CHECK(batch("classic", half(), scene_.terminals - 1, "classic"));
  for (const std::string name : {"modern", "classic"}) {
    if (fs::exists(in(name + ".received")) || !fs::exists(in(name + ".package"))) continue;
    TF_TRY(trustferry({"loader", "receive", in(name + ".package"), "--directory", in("loader")}));
    TF_CHECK(write_file_atomic(in(name + ".received"), {}, 0644));
  }
  auto loader = TF_TRY(ChildProcess::start({scene_.program, "loader", "serve", "--directory", in("loader"), "--socket", in("cable")}, in("loader.log")));
  for (int tries = 0; tries < 100 && !fs::exists(in("cable")); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  scene_.say(fmt::format("the loader personalises {} terminals, one after another", scene_.terminals));
  TF_TRY(trustferry({"fleet", "personalise", "--directory", in("fleet"), "--range", serial(0) + ".." + serial(scene_.terminals - 1), "--socket", in("cable")}));
  loader.terminate();
  for (const std::string name : {"modern", "classic"})
    if (fs::exists(in(name + ".received"))) TF_TRY(scene_.on_platform({"batch", "log", name, in("loader/loader.log")}));
  return {};
}

Result<std::string> FleetDemo::download() const {
  auto status = TF_TRY(wire::JsonObject::parse(TF_TRY(scene_.on_platform({"status"}))));
  auto estate = TF_TRY(status.object("estate"));
  const bool complete = TF_TRY(estate.integer("completed", 0, INT64_MAX)) >= scene_.terminals;
  std::vector<std::string> words{"fleet", "download", "--directory", in("fleet"), "--url", fmt::format("https://127.0.0.1:{}", scene_.port),
                                 "--concurrency", std::to_string(scene_.concurrency)};
  if (complete) words.emplace_back("--again");
  scene_.say(complete ? "every terminal is complete; all download the same keys again"
               : "the terminals download a master key and three working keys each, half modern, half classic");
  return trustferry(words);
}

}  // namespace tf::cli

// A fleet from the factory to its keys.
#include <gmock/gmock.h>

#include "tests/e2e/scene.hpp"

namespace tf::test {
namespace {

std::int64_t number(wire::JsonObject& from, const char* name) { return from.integer(name, 0, INT64_MAX).value(); }

// slot → KCV, as a command's array "keys" says it.
std::map<std::string, std::string> kcvs(wire::JsonObject answer) {
  std::map<std::string, std::string> out;
  for (auto& key : answer.objects("keys", 100).value()) out[key.text("slot").value()] = key.text("kcv").value();
  return out;
}

TEST(Fleet, half_modern_half_classic_gets_its_keys_and_both_sides_agree_on_them) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(30, 30);
  auto report = json_of(scene.download(fleet).out);
  EXPECT_EQ(number(report, "completed"), 60);
  EXPECT_EQ(number(report, "failed"), 0);
  EXPECT_EQ(number(report, "keys"), 240);
  auto suites = report.object("suites").value();
  EXPECT_EQ(number(suites, "modern"), 30);
  EXPECT_EQ(number(suites, "classic"), 30);
  scene.expect_complete(fleet);
  scene.expect_sound_audit();
  for (const std::string& serial : {fleet.modern.front(), fleet.modern.back(), fleet.classic.front(), fleet.classic.back()}) {
    const auto shown = kcvs(scene.ask({"keys", "show", serial}));
    EXPECT_EQ(shown.size(), 4U);
    EXPECT_EQ(shown, kcvs(json_of(trustferry({"terminal", "show", "--directory", fleet.directory, "--serial", serial, "--json"}).out)));
    EXPECT_EQ(scene.ask({"estate", "show", serial}).integer("completed_set", 0, 9).value(), 1);
  }
}

TEST(Fleet, that_is_complete_is_skipped_and_keeps_its_keys_when_it_downloads_again) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(4, 4);
  ASSERT_EQ(scene.download(fleet).exit_code, 0);
  auto second = json_of(scene.download(fleet).out);
  EXPECT_EQ(number(second, "skipped"), 8);
  EXPECT_EQ(number(second, "completed"), 0);
  auto again = json_of(scene.download(fleet, {"--again"}).out);
  EXPECT_EQ(number(again, "completed"), 8);
  scene.expect_complete(fleet);
}

TEST(Fleet, counts_as_personalised_once_the_loaders_log_is_taken) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(2, 0);
  const auto personalised = [&] { return scene.ask({"estate", "show", fleet.modern.front()}).boolean("personalised").value(); };
  EXPECT_FALSE(personalised());
  ASSERT_EQ(scene.on_platform({"batch", "log", "modern", scene.in("loader/loader.log")}).exit_code, 0);
  EXPECT_TRUE(personalised());
}

TEST(Fleet, of_a_terminal_that_is_not_in_the_estate_is_refused_and_the_others_are_served) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(2, 2);
  const std::string stranger = "TF004999";
  ASSERT_EQ(trustferry({"fleet", "personalise", "--directory", fleet.directory, "--range", stranger + ".." + stranger, "--socket", scene.in("cable")}).exit_code, 0);
  const Finished done = scene.download(fleet);
  EXPECT_EQ(done.exit_code, 5);
  auto report = json_of(done.out);
  EXPECT_EQ(number(report, "completed"), 4);
  EXPECT_EQ(number(report, "refused"), 1);
}

}  // namespace
}  // namespace tf::test

#include "metrics/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace tf::metrics {
namespace {

using testing::HasSubstr;

TEST(Registry, renders_help_type_and_value_of_each_family_once) {
  Registry registry;
  registry.counter("trustferry_b_total", "Things.", {{"kind", "x"}}).add(3);
  registry.counter("trustferry_b_total", "Things.", {{"kind", "y"}}).add();
  registry.gauge("trustferry_a", "Level.").set(-2);
  EXPECT_EQ(registry.render(),
            "# HELP trustferry_a Level.\n# TYPE trustferry_a gauge\ntrustferry_a -2\n"
            "# HELP trustferry_b_total Things.\n# TYPE trustferry_b_total counter\n"
            "trustferry_b_total{kind=\"x\"} 3\ntrustferry_b_total{kind=\"y\"} 1\n");
}

TEST(Registry, gives_the_same_metric_for_the_same_name_and_labels) {
  Registry registry;
  Counter& first = registry.counter("trustferry_n_total", "N.", {{"a", "1"}});
  EXPECT_EQ(&first, &registry.counter("trustferry_n_total", "N.", {{"a", "1"}}));
  EXPECT_NE(&first, &registry.counter("trustferry_n_total", "N.", {{"a", "2"}}));
}

TEST(Registry, escapes_labels_and_help) {
  Registry registry;
  registry.gauge("trustferry_g", "back\\slash\nand \"quotes\"", {{"zone", "a\"b\\c\nd"}});
  const std::string text = registry.render();
  EXPECT_THAT(text, HasSubstr("# HELP trustferry_g back\\\\slash\\nand \"quotes\"\n"));
  EXPECT_THAT(text, HasSubstr("trustferry_g{zone=\"a\\\"b\\\\c\\nd\"} 0\n"));
}

TEST(Registry, cumulates_the_buckets_of_a_histogram) {
  Registry registry;
  Histogram& histogram = registry.histogram("trustferry_h_seconds", "H.", {0.5, 1}, {{"l", "m"}});
  for (const double value : {0.25, 0.5, 0.75, 8.0}) histogram.observe(value);
  const std::string text = registry.render();
  EXPECT_THAT(text, HasSubstr("# TYPE trustferry_h_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("trustferry_h_seconds_bucket{l=\"m\",le=\"0.5\"} 2\n"
                              "trustferry_h_seconds_bucket{l=\"m\",le=\"1\"} 3\n"
                              "trustferry_h_seconds_bucket{l=\"m\",le=\"+Inf\"} 4\n"
                              "trustferry_h_seconds_sum{l=\"m\"} 9.5\ntrustferry_h_seconds_count{l=\"m\"} 4\n"));
}

TEST(Registry, loses_no_count_when_many_threads_count_and_register) {
  Registry registry;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&registry, t] {
      for (int i = 0; i < 5000; ++i) {
        registry.counter("trustferry_shared_total", "S.").add();
        registry.histogram("trustferry_own_seconds", "O.", latency_buckets(), {{"thread", std::to_string(t)}})
            .observe(0.01);
        if (i % 1000 == 0) EXPECT_THAT(registry.render(), HasSubstr("trustferry_shared_total"));
      }
    });
  }
  threads.clear();
  EXPECT_EQ(registry.counter("trustferry_shared_total", "S.").value(), 20000u);
}

TEST(RegistryDeathTest, aborts_on_a_bad_name_or_another_kind) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Registry registry;
  registry.counter("trustferry_x", "X.");
  EXPECT_DEATH(registry.gauge("trustferry_x", "X."), "another kind");
  EXPECT_DEATH(registry.counter("other_x", "X."), "bad name");
  EXPECT_DEATH(registry.counter("trustferry_y", "Y.", {{"le", "1"}}), "bad label");
}

}  // namespace
}  // namespace tf::metrics

// Readers that come and go, and what the person is told.
#include "pcsc/reader.hpp"

#include "tests/pcsc/scripted.hpp"
#include "tests/support/expect.hpp"

namespace tf::test {
namespace {

using namespace std::chrono_literals;

struct Readers : testing::Test {
  FixedClock clock;
  ScriptedPcsc pcsc{clock};
};

TEST_F(Readers, lists_none_without_an_error_and_says_so_when_a_card_is_needed) {
  const auto none = pcsc::list_readers(pcsc);
  ASSERT_OK(none);
  EXPECT_TRUE(none->empty());
  EXPECT_REFUSED(pcsc::find_card(pcsc, ""), Code::unavailable, "pcsc.no_reader");
}

TEST_F(Readers, tells_an_empty_reader_from_one_with_a_card_and_takes_the_first_with_one) {
  pcsc.readers["A empty"] = {};
  pcsc.readers["B card"] = {.card = true};
  const auto all = pcsc::list_readers(pcsc);
  ASSERT_OK(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_FALSE((*all)[0].card);
  EXPECT_TRUE((*all)[1].card);
  EXPECT_EQ(pcsc::find_card(pcsc, "")->name, "B card");
  EXPECT_REFUSED(pcsc::find_card(pcsc, "A empty"), Code::unavailable, "pcsc.no_card");
  EXPECT_REFUSED(pcsc::find_card(pcsc, "C"), Code::unavailable, "pcsc.no_reader");
}

TEST_F(Readers, a_card_that_does_not_answer_is_no_card) {
  pcsc.readers["A"] = {.card = true, .mute = true};
  EXPECT_FALSE(pcsc::list_readers(pcsc)->front().card);
}

TEST_F(Readers, tells_of_a_card_that_another_program_has_for_itself) {
  pcsc.readers["A"] = {.card = true, .exclusive = true};
  EXPECT_TRUE(pcsc::list_readers(pcsc)->front().in_use);
}

TEST_F(Readers, says_that_the_service_is_down_and_that_the_user_may_not) {
  pcsc.service = false;
  EXPECT_REFUSED(pcsc::find_card(pcsc, ""), Code::unavailable, "pcsc.no_service");
  EXPECT_REFUSED(pcsc::wait_for_card(pcsc, clock, "", 5s), Code::unavailable, "pcsc.no_service");
  pcsc.service = true;
  pcsc.allowed = false;
  EXPECT_REFUSED(pcsc::find_card(pcsc, ""), Code::denied, "pcsc.denied");
}

TEST_F(Readers, waits_for_a_reader_and_then_for_the_card_in_it) {
  pcsc.while_waiting.push_back([&] { pcsc.readers["USB"] = {}; });
  pcsc.while_waiting.push_back([&] { pcsc.readers["USB"].card = true; });
  const auto found = pcsc::wait_for_card(pcsc, clock, "", 5s);
  ASSERT_OK(found);
  EXPECT_EQ(found->name, "USB");
  EXPECT_TRUE(pcsc.while_waiting.empty());
}

TEST_F(Readers, goes_on_waiting_when_a_reader_is_pulled_meanwhile) {
  pcsc.readers["A"] = {};
  pcsc.while_waiting.push_back([&] { pcsc.readers.erase("A"); });
  pcsc.while_waiting.push_back([&] { pcsc.readers["B"] = {.card = true}; });
  EXPECT_EQ(pcsc::wait_for_card(pcsc, clock, "", 5s)->name, "B");
}

TEST_F(Readers, waits_for_the_reader_that_was_named_and_no_other) {
  pcsc.readers["A"] = {.card = true};
  EXPECT_REFUSED(pcsc::wait_for_card(pcsc, clock, "B", 3s), Code::unavailable, "pcsc.no_reader");
  pcsc.while_waiting.push_back([&] { pcsc.readers["B"] = {.card = true}; });
  EXPECT_EQ(pcsc::wait_for_card(pcsc, clock, "B", 3s)->name, "B");
}

TEST_F(Readers, ends_waiting_when_the_time_is_over_or_it_is_told_to) {
  pcsc.readers["A"] = {};
  EXPECT_REFUSED(pcsc::wait_for_card(pcsc, clock, "", 3s), Code::unavailable, "pcsc.no_card");
  EXPECT_EQ(clock.monotonic_ms(), 3000);
  EXPECT_REFUSED(pcsc::wait_for_card(pcsc, clock, "", 1h, [] { return true; }), Code::unavailable, "pcsc.no_card");
  EXPECT_EQ(clock.monotonic_ms(), 3000);
}

TEST_F(Readers, ends_waiting_when_the_service_stops) {
  pcsc.readers["A"] = {};
  pcsc.while_waiting.push_back([&] { pcsc.service = false; });
  EXPECT_REFUSED(pcsc::wait_for_card(pcsc, clock, "", 1h), Code::unavailable, "pcsc.no_service");
}

TEST_F(Readers, every_answer_of_pcsc_has_its_reason) {
  using pcsc::Rc;
  const std::pair<Rc, const char*> expected[] = {
      {Rc::no_service, "pcsc.no_service"},        {Rc::service_stopped, "pcsc.no_service"}, {Rc::no_readers, "pcsc.no_reader"},
      {Rc::unknown_reader, "pcsc.no_reader"},     {Rc::reader_unavailable, "pcsc.no_reader"}, {Rc::no_smartcard, "pcsc.no_card"},
      {Rc::removed_card, "pcsc.removed"},         {Rc::comm_error, "pcsc.removed"},   {Rc::not_transacted, "pcsc.removed"},         {Rc::reset_card, "pcsc.reset"},           {Rc::unresponsive_card, "pcsc.unresponsive"},
      {Rc::unpowered_card, "pcsc.unresponsive"},  {Rc::sharing_violation, "pcsc.in_use"},   {Rc::security_violation, "pcsc.denied"},
      {Rc::internal, "pcsc.failed"}};
  for (const auto& [rc, reason] : expected) {
    const Error error = pcsc::to_error(rc, "R");
    EXPECT_STREQ(error.reason, reason);
    EXPECT_FALSE(error.detail.empty());
  }
  EXPECT_NE(pcsc::to_error(Rc::internal, "R").detail.find("80100001"), std::string::npos);
}

}  // namespace
}  // namespace tf::test

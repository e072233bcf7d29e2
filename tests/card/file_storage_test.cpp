// The card's file: durable, sealed, whole after a power-off at any octet.
#include "card/memory/file_storage.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.hpp"
#include "tests/card/support.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf::card::test {
namespace {

class CardFile : public testing::Test {
 protected:
  static Secret<32> key(std::uint8_t octet = 7) {
    Secret<32> out;
    std::ranges::fill(out.reveal_mutable(), octet);
    return out;
  }
  static Changes set(std::string name, std::string_view value) {
    Changes out;
    out.emplace(std::move(name), SecretBytes(as_bytes(value)));
    return out;
  }
  static std::string text(const Records& records) {
    std::string out;
    for (const auto& [name, value] : records) out += name + "=" + std::string(as_text(value.reveal())) + ";";
    return out;
  }
  std::string loaded() { return text(must(must(FileStorage::open(path, key(), random))->load())); }
  Bytes octets() { return must(read_file(path, 1 << 26)); }
  void write(ByteView content) { std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size())); }

  tf::test::TemporaryDirectory directory_;
  std::string path = directory_.file("card.state");
  SystemRandom random;
};

TEST_F(CardFile, keeps_what_was_committed_and_forgets_what_was_removed) {
  {
    const auto storage = must(FileStorage::create(path, key(), random));
    EXPECT_OK(storage->commit(set("a", "1")));
    EXPECT_OK(storage->commit(set("b", "2")));
    EXPECT_OK(storage->commit(set("a", "3")));
    Changes gone;
    gone.emplace("b", std::nullopt);
    EXPECT_OK(storage->commit(gone));
    EXPECT_REFUSED(FileStorage::open(path, key(), random), Code::conflict, "card.in_use");
  }
  EXPECT_EQ(loaded(), "a=3;");
  EXPECT_REFUSED(FileStorage::create(path, key(), random), Code::conflict, "card.exists");
  EXPECT_REFUSED(FileStorage::open(path + "x", key(), random), Code::not_found, "card.no_card");
}

TEST_F(CardFile, is_whole_when_the_power_goes_at_any_octet) {
  Bytes before, after;
  {
    const auto storage = must(FileStorage::create(path, key(), random));
    EXPECT_OK(storage->commit(set("pin", "3 tries")));
    before = octets();
    EXPECT_OK(storage->commit(set("pin", "2 tries")));
    after = octets();
  }
  for (std::size_t cut = before.size(); cut < after.size(); ++cut) {
    write(ByteView(after).first(cut));
    EXPECT_EQ(loaded(), "pin=3 tries;") << cut;
    // And it goes on from there.
    const auto storage = must(FileStorage::open(path, key(), random));
    EXPECT_OK(storage->commit(set("puk", "3 tries")));
  }
  // The length arrived, the rest did not.
  Bytes zeros = after;
  std::fill(zeros.begin() + static_cast<std::ptrdiff_t>(before.size()) + 4, zeros.end(), 0);
  write(zeros);
  EXPECT_EQ(loaded(), "pin=3 tries;");
  write(after);
  EXPECT_EQ(loaded(), "pin=2 tries;");
}

TEST_F(CardFile, is_refused_when_it_was_altered_before_its_last_transaction) {
  {
    const auto storage = must(FileStorage::create(path, key(), random));
    EXPECT_OK(storage->commit(set("a", "1")));
    EXPECT_OK(storage->commit(set("b", "2")));
  }
  const Bytes good = octets();
  const std::size_t last = 4 + 12 + 16 + 8 + 5 + 12 + 5;  // octets of the last transaction
  int refused = 0;
  for (std::size_t at = 0; at + last < good.size(); ++at) {
    Bytes bad = good;
    bad[at] ^= 1;
    write(bad);
    const auto opened = FileStorage::open(path, key(), random);
    if (!opened) {
      ++refused;
      EXPECT_EQ(opened.error().code, Code::integrity) << at;
    } else {
      // A length that grew looks like a write that was cut: what is behind it is dropped, what is before it is good.
      EXPECT_TRUE(text(must((*opened)->load())).find("b=2") == std::string::npos) << at;
    }
  }
  EXPECT_GT(refused, 60);
  write(good);
  EXPECT_REFUSED(FileStorage::open(path, key(8), random), Code::integrity, "card.state");
  write(ByteView(good).first(10));
  EXPECT_REFUSED(FileStorage::open(path, key(), random), Code::integrity, "card.state");
}

// A transaction of another card with the same key, or one of this card at another place, does not fit.
TEST_F(CardFile, does_not_take_transactions_from_elsewhere) {
  Bytes first, second;
  {
    const auto storage = must(FileStorage::create(path, key(), random));
    first = octets();
    EXPECT_OK(storage->commit(set("tries", "3")));
    second = octets();
    EXPECT_OK(storage->commit(set("tries", "2")));
  }
  Bytes replayed = octets();
  replayed.insert(replayed.end(), second.begin() + static_cast<std::ptrdiff_t>(first.size()), second.end());
  write(replayed);
  EXPECT_EQ(loaded(), "tries=2;");
}

TEST_F(CardFile, shrinks_when_it_has_grown) {
  {
    const auto storage = must(FileStorage::create(path, key(), random));
    const std::string large(60'000, 'x');
    for (int i = 0; i < 12; ++i) EXPECT_OK(storage->commit(set("a", large + std::to_string(i))));
    EXPECT_LT(octets().size(), 600'000u);
    EXPECT_OK(storage->commit(set("b", "1")));
  }
  EXPECT_TRUE(loaded().ends_with("x11;b=1;"));
}

TEST_F(CardFile, shows_no_secret) {
  {
    const auto storage = must(FileStorage::create(path, key(), random));
    EXPECT_OK(storage->commit(set("pin", "123456-canary")));
  }
  EXPECT_EQ(std::string(as_text(octets())).find("canary"), std::string::npos);
}

TEST_F(CardFile, a_whole_card_lives_in_a_directory) {
  Plan made_by = plan();
  fill_in(made_by, random);
  {
    const auto made = must(SoftwareCard::create(directory_.path(), made_by, manufacturer(), tf::test::FixedClock::kStart, random));
    EXPECT_EQ(made->serial(), kSerial);
    EXPECT_REFUSED(SoftwareCard::open(directory_.path(), random), Code::conflict, "card.in_use");
  }
  EXPECT_REFUSED(SoftwareCard::create(directory_.path(), made_by, manufacturer(), tf::test::FixedClock::kStart, random), Code::conflict, "card.exists");
  const auto opened = must(SoftwareCard::open(directory_.path(), random));
  EXPECT_EQ(opened->serial(), kSerial);
  EXPECT_EQ(must(subscription(opened->services().memory)).imsi, "001010000000001");
  EXPECT_TRUE(must(scp03_keys(opened->services().memory)).enc == made_by.scp03.enc);
  EXPECT_EQ(containers(opened->services().memory), (std::vector<std::uint8_t>{0, 1}));
  EXPECT_REFUSED(SoftwareCard::open(directory_.file("none"), random), Code::not_found, "card.no_card");
}

TEST_F(CardFile, a_card_that_can_not_be_personalised_leaves_nothing_behind) {
  Plan bad = plan();
  fill_in(bad, random);
  bad.serial = "not a serial";
  EXPECT_REFUSED(SoftwareCard::create(directory_.path(), bad, manufacturer(), tf::test::FixedClock::kStart, random), Code::invalid, "card.plan");
  EXPECT_REFUSED(SoftwareCard::open(directory_.path(), random), Code::not_found, "card.no_card");
}

}  // namespace
}  // namespace tf::card::test

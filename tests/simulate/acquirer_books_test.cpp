// The simulated acquirer's books: what survives, what is settled, and what is not in them.
#include <filesystem>
#include <fstream>

#include "simulate/acquirer_books.hpp"
#include "simulate/acquirer_faults.hpp"
#include "simulate/acquirer_keys.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/temporary_directory.hpp"
#include "wire/encoding.hpp"

namespace tf::simulate::acquirer {
namespace {

class AcquirerBooks : public ::testing::Test {
 protected:
  [[nodiscard]] std::string journal() const { return directory.file("journal"); }
  Books open() { return Books::open(journal(), 1000).value(); }
  static std::string text_of(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static Posting payment(const std::string& key, std::int64_t amount, const std::string& state = "captured") {
    return {.key = key, .transaction = "202611210000000000" + key, .reference = "ref" + key, .card = "c1", .type = "payment", .amount = amount,
            .currency = "CNY", .state = state, .code = state == "captured" ? "00" : "51", .approval = "123456", .original = "", .refunded = 0};
  }

  test::TemporaryDirectory directory;
};

TEST_F(AcquirerBooks, everything_is_there_after_a_restart) {
  {
    Books books = open();
    ASSERT_OK(books.post(payment("01", 300)));
    ASSERT_OK(books.post(payment("02", 200)));
    ASSERT_OK(books.post(payment("03", 5000, "declined")));
    Posting refund = payment("04", 100);
    refund.type = "refund";
    refund.state = "done";
    refund.original = "01";
    ASSERT_OK(books.post(refund));
    ASSERT_OK(books.undo("02"));
    ASSERT_OK(books.undo("02"));
    ASSERT_OK(books.bar("99"));
    ASSERT_OK(books.count_pin("c1", 2));
    ASSERT_OK(books.keep_keys("first"));
    ASSERT_OK(books.keep_keys("second"));
    EXPECT_EQ(books.balance("c1"), 800);
  }
  const Books again = open();
  EXPECT_EQ(again.balance("c1"), 800);
  EXPECT_EQ(again.balance("c2"), 1000);
  EXPECT_EQ(again.find("01")->refunded, 100);
  EXPECT_EQ(again.find("02")->state, "reversed");
  EXPECT_EQ(again.find("03")->code, "51");
  EXPECT_TRUE(again.barred("99"));
  EXPECT_EQ(again.wrong_pins("c1"), 2);
  EXPECT_EQ(again.keys(), "second");
  EXPECT_EQ(again.keys_before(), "first");
}

TEST_F(AcquirerBooks, a_last_line_that_broke_off_is_dropped) {
  {
    Books books = open();
    ASSERT_OK(books.post(payment("01", 300)));
    ASSERT_OK(books.post(payment("02", 200)));
  }
  std::filesystem::resize_file(journal(), std::filesystem::file_size(journal()) - 5);
  {
    Books books = open();
    EXPECT_EQ(books.find("02"), nullptr);
    ASSERT_OK(books.post(payment("02", 200)));
  }
  EXPECT_EQ(open().balance("c1"), 500);
}

TEST_F(AcquirerBooks, a_journal_of_something_else_is_refused) {
  std::ofstream(journal()) << "{\"what\":\"else\"}\n";
  EXPECT_REFUSED(Books::open(journal(), 0), Code::integrity, "acquirer.journal");
}

TEST_F(AcquirerBooks, each_day_has_its_settlement_file) {
  Books books = open();
  ASSERT_OK(books.post(payment("01", 300)));
  ASSERT_OK(books.post(payment("02", 200)));
  ASSERT_OK(books.post(payment("03", 5000, "declined")));
  ASSERT_OK(books.undo("02"));
  Posting next_day = payment("04", 50);
  next_day.transaction = "20261122000000000004";
  ASSERT_OK(books.post(next_day));
  ASSERT_OK(books.settle(directory.path()));
  EXPECT_EQ(text_of(directory.file("20261121.csv")),
            "date,transaction,type,amount,currency,state,reference\n"
            "20261121,20261121000000000001,payment,300,CNY,captured,ref01\n"
            "20261121,20261121000000000002,payment,200,CNY,reversed,ref02\n");
  EXPECT_EQ(text_of(directory.file("20261122.csv")),
            "date,transaction,type,amount,currency,state,reference\n"
            "20261122,20261122000000000004,payment,50,CNY,captured,ref04\n");
}

TEST(AcquirerFaults, the_same_seed_gives_the_same_faults) {
  const Faults faults{.drop = 0.3, .duplicate = 0.3, .decline = 0.3, .late = 0.3, .wrong_amount = 0.3, .bad_mac = 0.3, .cut = 0.3};
  const auto drawn = [&](std::uint64_t seed) {
    std::mt19937_64 chance(seed);
    std::string out;
    for (int i = 0; i < 100; ++i) {
      const Misfortune one = draw(faults, chance);
      for (const bool is : {one.lose_request, one.lose_reply, one.duplicate, one.decline, one.late, one.wrong_amount, one.bad_mac}) out += is ? '1' : '0';
      out += static_cast<char>('0' + static_cast<int>(one.cut));
    }
    return out;
  };
  EXPECT_EQ(drawn(7), drawn(7));
  EXPECT_NE(drawn(7), drawn(8));
}

TEST(AcquirerFaults, nothing_goes_wrong_by_itself) {
  std::mt19937_64 chance(1);
  for (int i = 0; i < 1000; ++i) {
    const Misfortune one = draw({}, chance);
    EXPECT_FALSE(one.lose_request || one.lose_reply || one.duplicate || one.decline || one.late || one.wrong_amount || one.bad_mac);
    EXPECT_EQ(one.cut, Misfortune::Cut::none);
  }
}

TEST(AcquirerKeys, components_that_make_no_key_are_refused) {
  SystemRandom random;
  const auto make = [&](std::initializer_list<const char*> parts, crypto::BlockCipher cipher) {
    std::vector<SecretBytes> components;
    for (const char* part : parts) components.push_back(wire::secret_from_hex(part).value());
    return Keys::make(components, cipher, crypto::MacPadding::method_1, random);
  };
  const char* one = "00112233445566778899AABBCCDDEEFF";
  const char* two = "0F1E2D3C4B5A69788796A5B4C3D2E1F0";
  EXPECT_REFUSED(make({one}, crypto::BlockCipher::aes), Code::invalid, "acquirer.components");
  EXPECT_REFUSED(make({one, "00112233"}, crypto::BlockCipher::aes), Code::invalid, "acquirer.components");
  EXPECT_REFUSED(make({"0011", "2233"}, crypto::BlockCipher::aes), Code::invalid, "acquirer.components");
  EXPECT_OK(make({one, two}, crypto::BlockCipher::aes));
  auto tdes = make({one, two}, crypto::BlockCipher::tdes);
  ASSERT_OK(tdes);
  EXPECT_EQ(tdes->renew().value()[0], 'B');
}

}  // namespace
}  // namespace tf::simulate::acquirer

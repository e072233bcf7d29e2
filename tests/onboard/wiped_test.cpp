// The document that K and OPc are read from leaves none of them in memory that is given back.
#include <libxml/xmlmemory.h>
#include <malloc.h>

#include <cstdlib>
#include <cstring>

#include "tests/onboard/world.hpp"
#include "wire/encoding.hpp"

namespace tf::onboard::test {
namespace {

const std::string kK(32, 'a');
const std::string kOpc(32, 'b');
int left = 0;

// A text node's content begins with its text.
void look_at(void* block) {
  if (block == nullptr) return;
  for (const std::string* secret : {&kK, &kOpc})
    if (::malloc_usable_size(block) >= secret->size() && std::memcmp(block, secret->data(), secret->size()) == 0) ++left;
}
void watched_free(void* block) {
  look_at(block);
  std::free(block);
}

class OnboardContent : public testing::Test {
 protected:
  OnboardContent() {
    must(xml::Document::parse(as_bytes(std::string_view("<a/>"))));  // the library has started
    ::xmlMemGet(&free_, &malloc_, &realloc_, &strdup_);
    left = 0;
    ::xmlMemSetup(watched_free, malloc_, realloc_, strdup_);
  }
  ~OnboardContent() override { ::xmlMemSetup(free_, malloc_, realloc_, strdup_); }

  [[nodiscard]] EnvelopeHeader header() const {
    EnvelopeHeader out{.operator_id = "a", .dsim_id = kId};
    out.imsi_hash = imsi_hash(out.nonce_hash, "999700000000001");
    return out;
  }
  [[nodiscard]] std::string content(const std::string& operator_id, const std::string& amf, const std::string& constant = "<Opc>" + kOpc + "</Opc>") const {
    const std::string hash = wire::hex_lower(Hash256());
    return "<Credential xmlns=\"" + std::string(kEnvelopeSpace) + "\"><Operator>" + operator_id + "</Operator><DeviceHash>" + hash + "</DeviceHash><NonceHash>" + hash +
           "</NonceHash><Imsi>999700000000001</Imsi><Iccid>899900000000000001</Iccid><K>" + kK + "</K>" + constant + "<Amf>" + amf + "</Amf></Credential>";
  }
  Result<SubscriberCredential> judge(const std::string& text) const { return judge_content(as_bytes(text), header()); }

 private:
  ::xmlFreeFunc free_ = nullptr;
  ::xmlMallocFunc malloc_ = nullptr;
  ::xmlReallocFunc realloc_ = nullptr;
  ::xmlStrdupFunc strdup_ = nullptr;
};

TEST_F(OnboardContent, is_wiped_after_it_was_taken) {
  const auto taken = judge(content("a", "8000"));
  ASSERT_OK(taken);
  EXPECT_EQ(taken->key.k()[0], 0xAA);
  EXPECT_EQ(left, 0);
}

TEST_F(OnboardContent, is_wiped_after_it_was_refused) {
  EXPECT_REFUSED(judge(content("b", "8000")), Code::refused, "onboard.content_operator");
  EXPECT_EQ(left, 0);
}

TEST_F(OnboardContent, is_wiped_where_reading_ended_in_the_middle) {
  EXPECT_REFUSED(judge(content("a", "80")), Code::malformed, "onboard.content");
  EXPECT_EQ(left, 0);
}

TEST_F(OnboardContent, is_wiped_where_it_is_no_credential) {
  EXPECT_REFUSED(judge("<Other><K>" + kK + "</K></Other>"), Code::refused, "onboard.content");
  EXPECT_EQ(left, 0);
}

// The element beside K says the algorithm; nothing is guessed from sizes, and nothing is taken that says both.
TEST_F(OnboardContent, names_one_algorithm_and_has_its_sizes) {
  const auto with = [&](const std::string& constant) { return judge(content("a", "8000", constant)); };
  const std::string topc = kOpc + std::string(32, 'c');
  const auto tuak = with("<Topc>" + topc + "</Topc>");
  ASSERT_OK(tuak);
  EXPECT_EQ(tuak->key.algorithm(), crypto::AkaAlgorithm::tuak);
  EXPECT_EQ(wire::hex_lower(tuak->key.opc()), topc);
  EXPECT_EQ(judge(content("a", "8000"))->key.algorithm(), crypto::AkaAlgorithm::milenage);
  for (const std::string& wrong : {"<Topc>" + kOpc + "</Topc>", "<Opc>" + topc + "</Opc>", "<Opc>" + kOpc + "</Opc><Topc>" + topc + "</Topc>",
                                   "<Topc>" + topc + "</Topc><Opc>" + kOpc + "</Opc>", "<Topc>" + topc + "</Topc><Topc>" + topc + "</Topc>", std::string(),
                                   "<TOPc>" + topc + "</TOPc>", "<Topc>" + topc + "cc</Topc>", std::string("<Topc/>")})
    EXPECT_REFUSED(with(wrong), Code::malformed, "onboard.content");
  EXPECT_EQ(left, 0);
}

TEST_F(OnboardContent, that_is_not_wiped_would_be_seen) {
  { const auto document = must(xml::Document::parse(as_bytes(content("a", "8000")))); }
  EXPECT_EQ(left, 2);
}

}  // namespace
}  // namespace tf::onboard::test

// Digest headers and figures; the conversation is in tests/hss/digest_test.cpp.
#include "protocols/onboard/digest_aka.hpp"

#include "tests/crypto/aka_support.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/process.hpp"

namespace tf::onboard {
namespace {

using crypto::octets::fixed;
using crypto::octets::secret;

// The standard's test set 1; the nonce is what osmo-auc-gen prints as "IMS nonce" for its RAND and AUTN.
DigestChallenge known_challenge(DigestAlgorithm algorithm = DigestAlgorithm::aka_v1_md5) {
  return {"home.test", fixed<16>("23553cbe9637a89d218ae64dae47bf35"), fixed<16>("aa689c66ce70000043dde2e74c9dda34"), algorithm, false};
}
const Secret<8> kRes = secret<8>("a54211d5e3ba50bf");
const Secret<16> kIk = secret<16>("f769bcd751044604127672711c6d3441");
const Secret<16> kCk = secret<16>("b40ba9a3c58b2a05bbf0d987b21bf8cb");
const DigestUser kUser{"001010000000001@home.test", "0a4f113b"};
const std::string kUri = "/onboard/v1/access";

TEST(DigestHeader, has_the_nonce_that_others_compute) {
  EXPECT_EQ(nonce_of(known_challenge().rand, known_challenge().autn), "I1U8vpY3qJ0hiuZNrke/NaponGbOcAAAQ93i50yd2jQ=");
}

// Computed by Python's hashlib and hmac from the formulas of the RFCs.
std::string by_python(const DigestAnswer& answer, const char* hash, const std::string& password_hex) {
  const std::string program =
      "import hashlib,sys\n"
      "h=lambda b: hashlib." + std::string(hash) + "(b).hexdigest()\n"
      "u,r,n,uri,c,p=sys.argv[1:7]\n"
      "a1=h(u.encode()+b':'+r.encode()+b':'+bytes.fromhex(p)); a2=h(b'POST:'+uri.encode())\n"
      "print(h(f'{a1}:{n}:00000001:{c}:auth:{a2}'.encode()),end='')\n";
  return test::run({"python3", "-c", program, answer.username, answer.realm, answer.nonce, answer.uri, answer.cnonce, password_hex}).out;
}

TEST(DigestResponse, is_what_another_implementation_computes) {
  const DigestAnswer v1 = answer_digest(known_challenge(), kUser, "POST", kUri, kRes, kIk, kCk);
  EXPECT_EQ(v1.response, by_python(v1, "md5", "a54211d5e3ba50bf"));
  EXPECT_EQ(v1.response.size(), 32U);
  const std::string derive =
      "import hmac,base64,hashlib;print(base64.b64encode(hmac.new(bytes.fromhex('a54211d5e3ba50bff769bcd751044604127672711c6d3441"
      "b40ba9a3c58b2a05bbf0d987b21bf8cb'),b'http-digest-akav2-password',hashlib.sha256).digest()).hex(),end='')";
  const DigestAnswer v2 = answer_digest(known_challenge(DigestAlgorithm::aka_v2_sha256), kUser, "POST", kUri, kRes, kIk, kCk);
  EXPECT_EQ(v2.response, by_python(v2, "sha256", test::run({"python3", "-c", derive}).out));
  const DigestAnswer auts = answer_digest_with_auts(known_challenge(), kUser, "POST", kUri, {});
  EXPECT_EQ(auts.response, by_python(auts, "md5", ""));
}

TEST(DigestHeader, a_challenge_is_read_as_it_was_written) {
  for (const bool stale : {false, true}) {
    DigestChallenge challenge = known_challenge();
    challenge.stale = stale;
    const DigestChallenge read = parse_digest_challenge(encode(challenge)).value();
    EXPECT_EQ(read.realm, challenge.realm);
    EXPECT_EQ(read.rand, challenge.rand);
    EXPECT_EQ(read.autn, challenge.autn);
    EXPECT_EQ(read.stale, stale);
  }
  EXPECT_EQ(encode(known_challenge()),
            "Digest realm=\"home.test\", nonce=\"I1U8vpY3qJ0hiuZNrke/NaponGbOcAAAQ93i50yd2jQ=\", qop=\"auth\", algorithm=AKAv1-MD5");
}

TEST(DigestHeader, an_answer_is_read_as_it_was_written) {
  for (const DigestAnswer& answer : {answer_digest(known_challenge(), kUser, "POST", kUri, kRes, kIk, kCk),
                                     answer_digest(known_challenge(DigestAlgorithm::aka_v2_sha256), kUser, "POST", kUri, kRes, kIk, kCk),
                                     answer_digest_with_auts(known_challenge(), kUser, "POST", kUri, {1, 2, 3}),
                                     DigestAnswer{.username = "u", .realm = "r", .nonce = "", .uri = "/", .cnonce = "", .response = ""}}) {
    const DigestAnswer read = parse_digest_answer(encode(answer)).value();
    EXPECT_EQ(encode(read), encode(answer));
    EXPECT_EQ(read.auts, answer.auts);
  }
}

TEST(DigestHeader, takes_blanks_and_letters_of_either_case_as_http_has_them) {
  EXPECT_OK(parse_digest_challenge(
      "dIgEsT  Realm=\"home.test\" ,\tNONCE=\"I1U8vpY3qJ0hiuZNrke/NaponGbOcAAAQ93i50yd2jQ=\",qop=\"auth\",algorithm=AKAv1-MD5"));
}

TEST(DigestHeader, refuses_what_is_unknown_doubled_or_wrongly_written) {
  const std::string good = encode(answer_digest(known_challenge(), kUser, "POST", kUri, kRes, kIk, kCk));
  ASSERT_OK(parse_digest_answer(good));
  const auto changed = [&](const std::string& what, const std::string& to) {
    std::string out = good;
    return out.replace(out.find(what), what.size(), to);
  };
  for (const std::string& bad :
       {std::string(), std::string("Digest"), std::string("Digest "), std::string("Basic dTpw"), good + ",", good + ", opaque=\"x\"", good + ", realm=\"x\"", good + " x",
        good + ", userhash=true", changed("AKAv1-MD5", "MD5"), changed("AKAv1-MD5", "AKAv2-SHA-256"), changed("AKAv1-MD5", "AKAv1-md5"), changed("qop=auth", "qop=auth-int"),
        changed("qop=auth", "qop=\"auth\""), changed("nc=00000001", "nc=00000002"), changed("nc=00000001, ", ""), changed("cnonce=\"0a4f113b\"", "cnonce=\"\""),
        changed("0a4f113b", std::string(65, 'c')), changed("0a4f113b", "a\\b"), changed("home.test\", nonce", std::string(300, 'r') + "\", nonce"),
        changed("response=\"", "response=\"A"), good + ", auts=\"AAAA\"", changed("uri=\"" + kUri + "\"", "uri=\"\""), good.substr(0, good.size() / 2),
        good + std::string(3000, ' '), changed("realm=", "realm ="), changed("home.test", "home\ntest")}) {
    SCOPED_TRACE(bad);
    EXPECT_REFUSED(parse_digest_answer(bad), Code::malformed, "onboard.digest");
  }
  for (const char* bad : {"Digest realm=\"r\", nonce=\"AAAA\", qop=\"auth\", algorithm=AKAv1-MD5",
                          "Digest realm=\"r\", nonce=\"I1U8vpY3qJ0hiuZNrke/NaponGbOcAAAQ93i50yd2jQ=\", qop=\"auth,auth-int\", algorithm=AKAv1-MD5",
                          "Digest realm=\"r\", nonce=\"I1U8vpY3qJ0hiuZNrke/NaponGbOcAAAQ93i50yd2jQ=\", qop=\"auth\", algorithm=AKAv1-MD5, stale=maybe",
                          "Digest realm=\"\", nonce=\"I1U8vpY3qJ0hiuZNrke/NaponGbOcAAAQ93i50yd2jQ=\", qop=\"auth\", algorithm=AKAv1-MD5"}) {
    SCOPED_TRACE(bad);
    EXPECT_REFUSED(parse_digest_challenge(bad), Code::malformed, "onboard.digest");
  }
}

}  // namespace
}  // namespace tf::onboard

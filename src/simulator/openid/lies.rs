//! What the provider can be told to do wrong.

/// One thing that is wrong with the provider, until it is told otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Everything answers 503.
    Down,
    /// Requests of programs are read, and nothing follows.
    Silent,
    /// The description is a web page.
    DescribedByAPage,
    /// The description names another issuer.
    OtherIssuerInDescription,
    /// The description leads to another host for tokens.
    TokensElsewhere,
    /// The description offers code challenges as plain text only.
    PlainChallenges,
    /// The description says nothing of code challenges.
    NoWordOfChallenges,
    /// The published keys are for encryption.
    KeysForEncryption,
    /// Tokens and keys have moved, and the description says where; the old places are gone.
    Moved,
    /// The token endpoint redirects.
    TokenRedirects,
    /// The token endpoint does not know the client.
    ClientNotKnown,
    /// The answer to the code has no ID token.
    NoToken,
    /// The answer to the code never ends.
    HugeAnswer,
    /// The set of keys never ends.
    HugeKeys,
    /// The token does not name its key.
    NoKid,
    /// The token does not name its key, and two keys of its kind are published.
    NoKidAndTwoKeys,
    /// The token names a key that is not published.
    UnknownKid,
    /// The token is signed by another key than the one it names.
    OtherKey,
    /// The token is not signed.
    AlgNone,
    /// The token is signed with the client's secret.
    HmacWithSecret,
    /// The token is signed with the published key as if that were a secret.
    HmacWithPublicKey,
    /// The token is another issuer's.
    OtherIssuer,
    /// The token is for another client.
    OtherAudience,
    /// The token is for us and for another client, which asked for it.
    OtherAsked,
    /// The token's time was over an hour ago.
    Expired,
    /// The token's time begins in an hour.
    NotYet,
    /// The token is of another sign-in.
    OtherNonce,
    /// The token has no nonce.
    NoNonce,
    /// The token's hash is of another access token.
    OtherAccessToken,
    /// The token does not say when the person signed in.
    NoAuthTime,
    /// The person signed in 13 hours ago.
    OldSignIn,
    /// The person signed in by password alone.
    PasswordAlone,
    /// The way back names another issuer.
    OtherIssuerOnTheWayBack,
    /// The way back brings another state.
    OtherState,
    /// The person declines.
    Declines,
    /// The roles are none that this site knows.
    OtherRoles,
}
